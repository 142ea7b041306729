package alert

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"tollgate"
)

// courier brings alerts to one sink, one after the other. Its goroutine alone
// uses what it holds, but for news.
type courier struct {
	Options
	sink named
	news chan struct{} // holds one value when there may be something new

	failures int             // since something last went well
	unnoted  *tollgate.Alert // what the outbox has not taken; nothing is sent before it has
}

func newCourier(options Options, sink named) *courier {
	options.Log = options.Log.With(slog.String("sink", sink.name))
	return &courier{Options: options, sink: sink, news: make(chan struct{}, 1)}
}

// wake says that there may be something new. It waits for nobody.
func (c *courier) wake() {
	select {
	case c.news <- struct{}{}:
	default:
	}
}

// heed forgets what a round will find anyway.
func (c *courier) heed() {
	select {
	case <-c.news:
	default:
	}
}

// run delivers until ctx ends.
func (c *courier) run(ctx context.Context) {
	for ctx.Err() == nil {
		c.heed()
		rest := time.NewTimer(c.round(ctx))
		select {
		case <-rest.C:
		case <-c.news:
		case <-ctx.Done():
		}
		rest.Stop()
	}
}

// After a failure there is a rest that doubles, from the one to the other. What
// is new is tried at once, even then.
const (
	firstRest   = time.Second
	longestRest = 10 * time.Minute
)

// round delivers until nothing waits or something fails, and returns how long
// to rest.
func (c *courier) round(ctx context.Context) time.Duration {
	for {
		more, err := c.next(ctx)
		switch {
		case ctx.Err() != nil:
			return 0
		case err != nil:
			c.fail(err)
			return restAfter(c.failures)
		case !more:
			return longestRest
		}
		c.succeed()
	}
}

func restAfter(failures int) time.Duration {
	return min(longestRest, firstRest<<min(failures-1, 20))
}

// next makes the next attempt, if anything waits.
func (c *courier) next(ctx context.Context) (more bool, err error) {
	if c.unnoted != nil {
		return true, c.note(ctx)
	}
	alert, waits, err := c.Outbox.NextAlert(ctx, c.sink.name)
	if err != nil {
		return false, fmt.Errorf("the outbox cannot be read: %w", err)
	}
	if !waits {
		return false, nil
	}
	return true, c.attempt(ctx, alert)
}

// attempt tells the sink, and notes what became of it, even when running has
// ended meanwhile. What was cut off then is not the sink's failure.
func (c *courier) attempt(running context.Context, alert tollgate.Alert) error {
	ctx, cancel := attemptContext(running)
	defer cancel()
	err := c.sink.Deliver(ctx, newMessage(&alert, c.Zone))
	if !taken(err) && running.Err() != nil {
		return err
	}
	c.unnoted = c.settle(alert, err)
	noting := c.note(running)
	if !taken(err) {
		return err
	}
	return noting
}

// settle writes the outcome of an attempt into the alert.
func (c *courier) settle(alert tollgate.Alert, err error) *tollgate.Alert {
	log := c.Log.With("alert", alert.ID(), "budget", alert.Budget, "threshold", alert.Threshold)
	if alert.Error = ""; err != nil {
		alert.Error = err.Error()
	}
	switch {
	case !taken(err):
		alert.Attempts++
		c.Count(c.sink.name, Failed)
		return &alert
	case err != nil:
		log.Warn("an alert on a budget was delivered, but not to everybody", "cause", err)
	default:
		log.Info("an alert on a budget was delivered")
	}
	alert.Delivered = c.Now()
	c.Count(c.sink.name, Delivered)
	return &alert
}

// noteBound is how long the outbox may take to take an outcome.
const noteBound = 5 * time.Second

func (c *courier) note(running context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(running), noteBound)
	defer cancel()
	if err := c.Outbox.NoteAlert(ctx, *c.unnoted); err != nil {
		return fmt.Errorf("the outbox cannot be written: %w", err)
	}
	c.unnoted = nil
	return nil
}

// fail tells operators of the first failure in a row.
func (c *courier) fail(err error) {
	if c.failures++; c.failures == 1 {
		c.Log.Warn("an alert on a budget cannot be delivered; it is tried again until it is", "cause", err)
	}
}

func (c *courier) succeed() {
	if c.failures > 0 {
		c.Log.Info("alerts on budgets are delivered again", "failures", c.failures)
	}
	c.failures = 0
}
