package main

import (
	"context"
	"strings"
)

// side is what one contender did on one line, turn by turn.
type side struct {
	name     string
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

// lineResult has one side for each contender, the direct way first.
type lineResult struct {
	line
	sides []side
}

// of is the side of this name, empty when it did not take part.
func (r lineResult) of(name string) side {
	for _, s := range r.sides {
		if s.name == name {
			return s
		}
	}
	return side{name: name}
}

// measureLine takes turns: straight to the sink, through each contender, and
// again.
func measureLine(ctx context.Context, o options, l line) (lineResult, error) {
	f, err := enter(ctx, o, l.name)
	if err != nil {
		return lineResult{}, err
	}
	defer f.leave()
	result, err := f.turns(ctx, o, l)
	if err != nil {
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
	for _, c := range f.all() {
		result.sides = append(result.sides, side{name: c.name})
	}
	for range o.effort.pairs {
		for i, c := range f.all() {
			took, err := c.turn(ctx, l, l.requests, o.effort.turn)
			if err != nil {
				return result, err
			}
			result.sides[i].add(took)
		}
		progress("%-10s %s", l.name, result.lastCPU())
	}
	for i, c := range f.all() {
		var err error
		if result.sides[i].now, result.sides[i].peak, err = c.memory(); err != nil {
			return result, err
		}
	}
	return result, nil
}

// lastCPU says what a request cost each contender in the last turn.
func (r lineResult) lastCPU() string {
	var all []string
	for _, s := range r.sides[1:] {
		all = append(all, s.name+" "+sample{last(s.cpu)}.text(0)+" µs")
	}
	return strings.Join(all, ", ")
}

func last(s sample) float64 { return s[len(s)-1] }
