package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"
)

// slowSide is what many open streams cost one contender, turn by turn.
type slowSide struct {
	name     string
	memory   sample // KB for each open stream
	total    sample // MB, all of the process
	cpu      sample // µs for each event
	p50, p99 sample // ms that a short request takes meanwhile
}

type slowResult struct {
	streams int
	sides   []slowSide
}

// measureSlow opens many streams that go on slowly, each asked for with a body
// of 100 KB, and looks at memory while they are open. Every turn has fresh
// processes, since memory that was needed once is not given back at once.
func measureSlow(ctx context.Context, o options, r *results) error {
	r.slow.streams = o.effort.streams
	for range o.effort.streamPairs {
		if err := r.slow.pair(ctx, o); err != nil {
			return err
		}
	}
	return nil
}

func (r *slowResult) pair(ctx context.Context, o options) error {
	f, err := enter(ctx, o, "")
	if err != nil {
		return err
	}
	defer f.leave()
	for i, c := range f.between {
		if i == len(r.sides) {
			r.sides = append(r.sides, slowSide{name: c.name})
		}
		if err := r.sides[i].hold(ctx, c, o.effort); err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		progress("%d open streams: %s takes %.0f MB", r.streams, c.name, last(r.sides[i].total))
	}
	return f.gateway.audit()
}

// hold opens the streams, keeps them for a while and hangs up.
func (s *slowSide) hold(ctx context.Context, c *contender, e effort) error {
	before, err := c.resting(ctx)
	if err != nil {
		return err
	}
	open, err := c.openAll(ctx, e.streams)
	defer func() {
		for _, stream := range open {
			stream.Close()
		}
		c.settled()
	}()
	if err != nil {
		return err
	}
	if err := s.watch(ctx, c, e, before); err != nil {
		return err
	}
	return s.ask(c)
}

// watch measures what the open streams take.
func (s *slowSide) watch(ctx context.Context, c *contender, e effort, before int64) error {
	start, err := c.cpu()
	if err != nil {
		return err
	}
	select {
	case <-time.After(e.hold):
	case <-ctx.Done():
		return ctx.Err()
	}
	end, err := c.cpu()
	if err != nil {
		return err
	}
	now, _, err := c.memory()
	events := float64(e.streams) * float64(e.hold/slowPace)
	s.memory = append(s.memory, float64(now-before)/1024/float64(e.streams))
	s.total = append(s.total, float64(now)/(1<<20))
	s.cpu = append(s.cpu, micros(end-start)/events)
	return err
}

// slowAsks is how many short requests are made while the streams are open.
const slowAsks = 100

// ask makes short requests, one at a time, while the streams are open.
func (s *slowSide) ask(c *contender) error {
	connection, err := connect(c.addr)
	if err != nil {
		return err
	}
	defer connection.Close()
	asked := request(c.addr, c.key, "calm", body(model, 4<<10, true))
	var took []time.Duration
	for range slowAsks {
		_, last, err := connection.ask(asked)
		if err != nil {
			return err
		}
		c.sent++
		took = append(took, last)
	}
	slices.Sort(took)
	s.p50 = append(s.p50, millis(quantile(took, 0.5)))
	s.p99 = append(s.p99, millis(quantile(took, 0.99)))
	return nil
}

// resting is the memory of a contender that has served one request and has
// nothing to do, in bytes.
func (c *contender) resting(ctx context.Context) (int64, error) {
	one := line{model: model, size: 4 << 10, answer: "json"}
	if _, err := c.turn(ctx, one, 1, time.Second); err != nil {
		return 0, err
	}
	now, _, err := c.memory()
	return now, err
}

// openAll opens n streams, 32 at a time, and reads from each as it comes. On
// an error it returns those that it had opened.
func (c *contender) openAll(ctx context.Context, n int) ([]*connection, error) {
	var (
		open   []*connection
		failed error
		mu     sync.Mutex
		group  sync.WaitGroup
	)
	asked := request(c.addr, c.key, "slow", body(model, 100<<10, true))
	turns := make(chan struct{}, 32)
	for range n {
		turns <- struct{}{}
		group.Go(func() {
			defer func() { <-turns }()
			stream, err := c.openOne(ctx, asked)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				failed = err
				return
			}
			open = append(open, stream)
		})
	}
	group.Wait()
	c.sent += len(open)
	return open, failed
}

func (c *contender) openOne(ctx context.Context, asked []byte) (*connection, error) {
	stream, err := connect(c.addr)
	if err != nil {
		return nil, err
	}
	answer, _, err := stream.open(asked)
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		stream.Close()
		return nil, err
	}
	go io.Copy(io.Discard, answer.Body) // ends when the stream is closed
	return stream, nil
}
