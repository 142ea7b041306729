package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// calmResult is how long answers take below saturation, side by side.
type calmResult struct {
	size  int
	sides []calmSide
}

// calmSide is what one contender made of it, in ms, round by round.
type calmSide struct {
	name             string
	first50, first99 sample // to the first byte
	last50, last99   sample // to the last
	requests         int
}

// calmClients ask at the same time. Between two requests of one of them up to
// calmThought passes, and the sink thinks for calmThink before it answers, as
// a model does, if not for as long: what a gateway can do meanwhile costs no
// time. The machine is busy for about a fifth of the time.
const (
	calmClients = 12
	calmThought = 10 * time.Millisecond
)

// measureCalm asks all contenders in rotation, so that each of them sees the
// same machine.
func measureCalm(ctx context.Context, o options, r *results) error {
	f, err := enter(ctx, o, "below saturation")
	if err != nil {
		return err
	}
	defer f.leave()
	for _, size := range calmSizes {
		result, err := f.calm(ctx, o.effort, size)
		if err != nil {
			return err
		}
		r.calm = append(r.calm, result)
	}
	if err := f.gateway.audit(); err != nil {
		return err
	}
	f.gateway.end()
	return o.profile.explain(ctx, "below saturation", f.gateway.sent)
}

func (f *field) calm(ctx context.Context, e effort, size int) (calmResult, error) {
	result := calmResult{size: size}
	for _, c := range f.all() {
		result.sides = append(result.sides, calmSide{name: c.name})
	}
	if _, err := f.round(ctx, size, time.Second); err != nil { // warming up
		return result, err
	}
	for range e.calmRounds {
		times, err := f.round(ctx, size, e.calmRound)
		if err != nil {
			return result, err
		}
		for i := range result.sides {
			result.sides[i].add(times[i])
		}
		d, g := result.sides[0], result.sides[len(result.sides)-1]
		progress("%d KB below saturation: the gateway adds %.2f ms, at p99 %.2f ms", size>>10,
			last(g.last50)-last(d.last50), last(g.last99)-last(d.last99))
	}
	return result, nil
}

// times are of the answers of one contender.
type times struct{ first, last []time.Duration }

func (s *calmSide) add(t times) {
	slices.Sort(t.first)
	slices.Sort(t.last)
	s.requests += len(t.first)
	s.first50 = append(s.first50, millis(quantile(t.first, 0.5)))
	s.first99 = append(s.first99, millis(quantile(t.first, 0.99)))
	s.last50 = append(s.last50, millis(quantile(t.last, 0.5)))
	s.last99 = append(s.last99, millis(quantile(t.last, 0.99)))
}

// round lets every client ask until the time is up, and returns the times of
// each contender.
func (f *field) round(ctx context.Context, size int, limit time.Duration) ([]times, error) {
	var (
		group sync.WaitGroup
		mu    sync.Mutex
		fails []error
	)
	until := time.Now().Add(limit)
	all := f.all()
	merged := make([]times, len(all))
	for n := range calmClients {
		group.Go(func() {
			took, err := rotate(ctx, all, n, size, until)
			mu.Lock()
			defer mu.Unlock()
			fails = append(fails, err)
			for i, t := range took {
				merged[i].first = append(merged[i].first, t.first...)
				merged[i].last = append(merged[i].last, t.last...)
				all[i].sent += len(t.first)
			}
		})
	}
	group.Wait()
	return merged, errors.Join(fails...)
}

// rotate is one client, who asks one contender after the other, from the nth on.
func rotate(ctx context.Context, all []*contender, n, size int, until time.Time) ([]times, error) {
	connections, requests, err := connectAll(all, size)
	defer func() {
		for _, c := range connections {
			c.Close()
		}
	}()
	if err != nil {
		return nil, err
	}
	took := make([]times, len(all))
	for at := n % len(all); time.Now().Before(until) && ctx.Err() == nil; at = (at + 1) % len(all) {
		time.Sleep(rand.N(calmThought))
		first, last, err := connections[at].ask(requests[at])
		if err != nil {
			return took, err
		}
		took[at].first = append(took[at].first, first)
		took[at].last = append(took[at].last, last)
	}
	return took, ctx.Err()
}

func connectAll(all []*contender, size int) (connections []*connection, requests [][]byte, err error) {
	for _, c := range all {
		connection, err := connect(c.addr)
		if err != nil {
			return connections, nil, err
		}
		connections = append(connections, connection)
		requests = append(requests, request(c.addr, c.key, "calm", body(model, size, true)))
	}
	return connections, requests, nil
}
