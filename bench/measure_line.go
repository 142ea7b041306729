package main

import "context"

// side is what one contender did on one line, turn by turn.
type side struct {
	cpu      sample // µs for one request
	p50, p99 sample // ms
	rate     sample // requests a second
	now      int64  // bytes resident after the last turn
	peak     int64
}

func (s *side) add(f figures) {
	s.cpu = append(s.cpu, micros(f.cpu))
	s.p50 = append(s.p50, millis(f.p50))
	s.p99 = append(s.p99, millis(f.p99))
	s.rate = append(s.rate, float64(f.requests)/f.elapsed.Seconds())
}

type lineResult struct {
	line
	direct, proxy, gateway side
}

// measureLine takes turns: straight to the sink, through the proxy, through
// the gateway, and again.
func measureLine(ctx context.Context, o options, l line) (lineResult, error) {
	result := lineResult{line: l}
	f, err := enter(ctx, o, l.name)
	if err != nil {
		return result, err
	}
	defer f.leave()
	if result, err = f.turns(ctx, o, l); err != nil {
		return result, err
	}
	if err := f.gateway.audit(); err != nil {
		return result, err
	}
	f.gateway.end()
	return result, o.profile.explain(ctx, l.name, f.gateway.sent)
}

func (f *field) turns(ctx context.Context, o options, l line) (lineResult, error) {
	result := lineResult{line: l}
	l.requests /= o.effort.scale
	if err := f.warm(ctx, l); err != nil {
		return result, err
	}
	direct := &contender{process: f.sink, key: "bench"}
	for range o.effort.pairs {
		for _, c := range []struct {
			*contender
			*side
		}{{direct, &result.direct}, {f.proxy, &result.proxy}, {f.gateway, &result.gateway}} {
			took, err := c.turn(ctx, l, l.requests, o.effort.turn)
			if err != nil {
				return result, err
			}
			c.add(took)
		}
		progress("%-10s proxy %4.0f µs, gateway %4.0f µs", l.name, last(result.proxy.cpu), last(result.gateway.cpu))
	}
	for _, c := range []struct {
		*contender
		*side
	}{{f.proxy, &result.proxy}, {f.gateway, &result.gateway}} {
		var err error
		if c.now, c.peak, err = c.memory(); err != nil {
			return result, err
		}
	}
	return result, nil
}

func last(s sample) float64 { return s[len(s)-1] }
