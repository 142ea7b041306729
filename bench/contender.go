package main

import (
	"context"
	"fmt"
	"os"
	"time"
)

// contender is one of the two that stand between the client and the sink.
type contender struct {
	*process
	key   string        // what a client presents
	ready time.Duration // from its start until it was healthy
	rows  func() (int, error)
	sent  int // requests that have to be in the ledger
}

// field is everything that takes part in one line: fresh processes, so that
// what one line leaves in memory is not counted on the next.
type field struct {
	sink    *process
	proxy   *contender
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
	if f.sink, err = part(ctx, "sink"); err != nil {
		return nil, f.abandon(err)
	}
	proxy, err := part(ctx, "proxy", f.sink.addr)
	if err != nil {
		return nil, f.abandon(err)
	}
	f.proxy = &contender{process: proxy, key: "bench"}
	if f.gateway, err = startGateway(ctx, o.gateway, folder, f.sink.addr, o.profile.file(name)); err != nil {
		return nil, f.abandon(err)
	}
	return f, nil
}

func (f *field) abandon(err error) error {
	f.leave()
	return err
}

// leave ends every process and removes what they wrote.
func (f *field) leave() {
	for _, c := range []*contender{f.gateway, f.proxy} {
		if c != nil {
			c.end()
		}
	}
	if f.sink != nil {
		f.sink.end()
	}
	os.RemoveAll(f.folder)
}

// warm fills the connection pools and the caches.
func (f *field) warm(ctx context.Context, l line) error {
	for _, c := range []*contender{f.proxy, f.gateway} {
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
	asked := request(c.addr, c.key, l.answer, body(l.size, l.events > 0))
	sent, err := load(ctx, c.addr, asked, n, limit)
	if err != nil {
		return figures{}, err
	}
	after, err := c.settled()
	c.sent += sent.requests
	return figures{sent, (after - before) / time.Duration(sent.requests)}, err
}

// audit compares what was sent with what is in the ledger, where there is
// one, once what waits to be written has been.
func (c *contender) audit() error {
	if c.rows == nil {
		return nil
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
