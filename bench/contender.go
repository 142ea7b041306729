package main

import (
	"context"
	"fmt"
	"os"
	"time"
)

// contender is one of those that stand between the client and the sink, or
// the sink itself.
type contender struct {
	*process
	name  string
	key   string        // what a client presents
	ready time.Duration // from its start until it was healthy
	rows  func() (int, error)
	sent  int // requests that have to be in the ledger

	budget func() error // sets one that counts every request; nil where there are none

	metrics *scraper // nil where there are none
}

// end stops the process, if it has not been yet.
func (c *contender) end() {
	if c.metrics != nil {
		_ = c.metrics.stop() // audit has said what went wrong
	}
	c.process.end()
}

// What the contenders are called in the results.
const (
	directName  = "nothing (direct)"
	proxyName   = "reverse proxy"
	nginxName   = "nginx"
	againstName = "other build"
	gatewayName = "gateway"
)

// field is everything that takes part in one line: fresh processes, so that
// what one line leaves in memory is not counted on the next.
type field struct {
	direct  *contender   // the sink
	between []*contender // the gateway is the last of them
	gateway *contender
	folder  string
}

// enter starts the field for the line of this name; none, when it is not to be
// profiled.
func enter(ctx context.Context, o options, name string) (*field, error) {
	folder, err := os.MkdirTemp("", "tollgate-bench")
	if err != nil {
		return nil, err
	}
	f := &field{folder: folder}
	sink, err := part(ctx, "sink")
	if err != nil {
		return nil, f.abandon(err)
	}
	f.direct = &contender{process: sink, name: directName, key: "bench"}
	for _, start := range []func(context.Context, options, *field, string) (*contender, error){startProxy, startNginx, startAgainst, startGateway} {
		c, err := start(ctx, o, f, o.profile.file(name))
		if err != nil {
			return nil, f.abandon(err)
		}
		if c != nil {
			f.between, f.gateway = append(f.between, c), c
		}
	}
	return f, nil
}

func startProxy(ctx context.Context, _ options, f *field, _ string) (*contender, error) {
	proxy, err := part(ctx, "proxy", f.direct.addr)
	return &contender{process: proxy, name: proxyName, key: "bench"}, err
}

// all is the sink and everything in front of it.
func (f *field) all() []*contender { return append([]*contender{f.direct}, f.between...) }

func (f *field) abandon(err error) error {
	f.leave()
	return err
}

// leave ends every process and removes what they wrote.
func (f *field) leave() {
	for _, c := range f.between {
		c.end()
	}
	if f.direct != nil {
		f.direct.end()
	}
	os.RemoveAll(f.folder)
}

// warm sets what the line needs, and fills the connection pools and the caches.
func (f *field) warm(ctx context.Context, l line) error {
	for _, c := range f.between {
		if l.budgets && c.budget != nil {
			if err := c.budget(); err != nil {
				return err
			}
		}
		if _, err := c.turn(ctx, l, l.requests/10, time.Second); err != nil {
			return err
		}
	}
	return nil
}

// figures is what one turn says of the process in the middle.
type figures struct {
	outcome
	cpu time.Duration // for one request
}

// turn loads the contender and measures what it spent on it, including what it
// does after the answer is out.
func (c *contender) turn(ctx context.Context, l line, n int, limit time.Duration) (figures, error) {
	before, err := c.settled()
	if err != nil {
		return figures{}, err
	}
	asked := request(c.addr, c.key, l.answer, body(l.model, l.size, l.events > 0))
	sent, err := load(ctx, c.addr, asked, n, limit)
	if err != nil {
		return figures{}, fmt.Errorf("%s: %w", c.name, err)
	}
	after, err := c.settled()
	c.sent += sent.requests
	return figures{sent, (after - before) / time.Duration(sent.requests)}, err
}

// audit compares what was sent with what is in the ledger, where there is
// one, once what waits to be written has been. It ends the reading of the metrics.
func (c *contender) audit() error {
	if c.rows == nil {
		return nil
	}
	if err := c.metrics.stop(); err != nil {
		return err
	}
	if _, err := c.settled(); err != nil {
		return err
	}
	rows, err := c.rows()
	if err == nil && rows != c.sent {
		err = fmt.Errorf("%d requests were sent and %d are in the ledger", c.sent, rows)
	}
	return err
}
