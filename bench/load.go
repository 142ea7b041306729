package main

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// outcome is what one turn of load came to.
type outcome struct {
	requests int
	elapsed  time.Duration
	p50, p99 time.Duration
}

// load sends the request over and over, concurrency at a time, each as soon as
// the one before it is answered. It ends after n requests or when the time is
// up, whichever comes first.
func load(ctx context.Context, addr string, request []byte, n int, limit time.Duration) (outcome, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	var (
		begun  atomic.Int64
		all    []time.Duration
		failed error
		mu     sync.Mutex
		group  sync.WaitGroup
	)
	start := time.Now()
	for range concurrency {
		group.Go(func() {
			more := func() bool { return ctx.Err() == nil && begun.Add(1) <= int64(n) }
			times, err := client(addr, request, more)
			mu.Lock()
			defer mu.Unlock()
			all = append(all, times...)
			if err != nil {
				failed = err
			}
		})
	}
	group.Wait()
	elapsed := time.Since(start)
	if failed != nil {
		return outcome{}, failed
	}
	slices.Sort(all)
	return outcome{len(all), elapsed, quantile(all, 0.5), quantile(all, 0.99)}, nil
}

// client asks as long as there is more to ask, on one connection.
func client(addr string, request []byte, more func() bool) ([]time.Duration, error) {
	c, err := connect(addr)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	var times []time.Duration
	for more() {
		_, took, err := c.ask(request)
		if err != nil {
			return nil, err
		}
		times = append(times, took)
	}
	return times, nil
}
