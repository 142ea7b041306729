package main

import (
	"context"
	"time"
)

// startResult is what it takes to be there, and what being there takes.
type startResult struct {
	fresh   sample // ms from the start of the process to healthy, database made on the way
	healthy sample // ms, with yesterday's database
	served  sample // ms to the first 200 on /v1/messages
	idle    sample // MB resident after one request
	proxy   sample // MB, of the reverse proxy
}

func measureStart(ctx context.Context, o options, r *results) error {
	if o.gateway == "" {
		return nil
	}
	f, err := enter(ctx, o, "")
	if err != nil {
		return err
	}
	defer f.leave()
	r.start.fresh = append(r.start.fresh, millis(f.gateway.ready))
	if err := rest(ctx, f.between[0], &r.start.proxy); err != nil {
		return err
	}
	for range o.effort.starts {
		f.gateway.end()
		if err := f.restart(ctx, o, &r.start); err != nil {
			return err
		}
	}
	return f.gateway.audit()
}

// restart starts the gateway again in the same folder and asks once.
func (f *field) restart(ctx context.Context, o options, result *startResult) error {
	g, ready, err := launch(ctx, o.gateway, f.folder, f.direct.addr, "")
	if err != nil {
		return err
	}
	f.gateway.process = g
	start := time.Now()
	c, err := connect(g.addr)
	if err != nil {
		return err
	}
	defer c.Close()
	if _, _, err := c.ask(request(g.addr, f.gateway.key, "json", body(model, 4<<10, false))); err != nil {
		return err
	}
	f.gateway.sent++
	result.healthy = append(result.healthy, millis(ready))
	result.served = append(result.served, millis(ready+time.Since(start)))
	return rest(ctx, f.gateway, &result.idle)
}

// rest adds what the contender keeps resident when it is idle.
func rest(ctx context.Context, c *contender, to *sample) error {
	now, err := c.resting(ctx)
	*to = append(*to, float64(now)/(1<<20))
	return err
}
