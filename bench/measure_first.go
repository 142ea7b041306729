package main

import (
	"context"
	"slices"
	"time"
)

// firstResult is the time to the first byte of a streamed answer to 100 KB,
// one request at a time: the median of each round, in ms.
type firstResult struct{ direct, proxy, gateway sample }

const firstRounds = 5

// measureFirstByte asks the three in rotation, so that each round sees the
// same machine.
func measureFirstByte(ctx context.Context, o options) (firstResult, error) {
	var result firstResult
	f, err := enter(ctx, o, "first byte")
	if err != nil {
		return result, err
	}
	defer f.leave()
	for round := range firstRounds + 1 {
		medians, err := f.rotate(ctx, o.effort.rotations)
		if err != nil {
			return result, err
		}
		if round == 0 {
			continue // warming up
		}
		result.direct = append(result.direct, medians[0])
		result.proxy = append(result.proxy, medians[1])
		result.gateway = append(result.gateway, medians[2])
		progress("first byte direct %.2f ms, proxy %.2f ms, gateway %.2f ms", medians[0], medians[1], medians[2])
	}
	if err := f.gateway.audit(); err != nil {
		return result, err
	}
	f.gateway.end()
	return result, o.profile.explain(ctx, "first byte", f.gateway.sent)
}

// rotate asks the sink, the proxy and the gateway in turn, n times, and
// returns the median time to the first byte of each, in ms.
func (f *field) rotate(ctx context.Context, n int) ([3]float64, error) {
	var medians [3]float64
	var times [3][]time.Duration
	three := [3]*contender{{process: f.sink, key: "bench"}, f.proxy, f.gateway}
	var connections [3]*connection
	var requests [3][]byte
	for i, c := range three {
		var err error
		requests[i] = request(c.addr, c.key, "short", body(100<<10, true))
		if connections[i], err = connect(c.addr); err != nil {
			return medians, err
		}
		defer connections[i].Close()
	}
	for range n {
		for i, c := range three {
			first, _, err := connections[i].ask(requests[i])
			if err == nil {
				err = ctx.Err()
			}
			if err != nil {
				return medians, err
			}
			c.sent++
			times[i] = append(times[i], first)
		}
	}
	for i := range three {
		slices.Sort(times[i])
		medians[i] = millis(quantile(times[i], 0.5))
	}
	return medians, nil
}
