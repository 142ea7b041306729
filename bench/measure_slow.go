package main

import (
	"context"
	"io"
	"sync"
	"time"
)

// slowSide is what many open streams cost one contender, turn by turn.
type slowSide struct {
	memory sample // KB for each open stream
	cpu    sample // µs for each event
}

type slowResult struct {
	streams        int
	proxy, gateway slowSide
}

// measureSlow opens many streams that go on slowly, each asked for with a body
// of 100 KB, and looks at memory while they are open. Every turn has fresh
// processes, since memory that was needed once is not given back at once.
func measureSlow(ctx context.Context, o options) (slowResult, error) {
	result := slowResult{streams: o.effort.streams}
	for range o.effort.streamPairs {
		f, err := enter(ctx, o, "")
		if err != nil {
			return result, err
		}
		err = result.proxy.hold(ctx, f.proxy, o.effort)
		if err == nil {
			err = result.gateway.hold(ctx, f.gateway, o.effort)
		}
		if err == nil {
			err = f.gateway.audit()
		}
		f.leave()
		if err != nil {
			return result, err
		}
		progress("slow streams proxy %.0f KB, gateway %.0f KB", last(result.proxy.memory), last(result.gateway.memory))
	}
	return result, nil
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
	s.cpu = append(s.cpu, micros(end-start)/events)
	return err
}

// resting is the memory of a contender that has served one request and has
// nothing to do, in bytes.
func (c *contender) resting(ctx context.Context) (int64, error) {
	one := line{size: 4 << 10, answer: "json"}
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
	asked := request(c.addr, c.key, "slow", body(100<<10, true))
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
