package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"syscall"
	"time"

	"tollgate/api"
	"tollgate/client"
)

// administer makes keys, rotates and revokes them.
func (w *world) administer(ctx context.Context) {
	for n := 0; pause(ctx, time.Second+rand.N(time.Second)); n++ {
		err := untilTaken(ctx, func() error { return w.change(context.WithoutCancel(ctx), n) })
		w.tally.did("administrator's change")
		if err != nil {
			w.failed("administrator's change", "%v", withoutAddress(err))
		}
	}
}

// untilTaken makes a change again that is refused, as it is for a moment while a
// process hands over.
func untilTaken(ctx context.Context, change func() error) error {
	for attempt := 0; ; attempt++ {
		err := change()
		refused, ok := err.(*client.Error)
		if !ok || refused.Status != http.StatusServiceUnavailable || attempt == 50 {
			return err
		}
		pause(ctx, 100*time.Millisecond)
	}
}

// change is one of: a new key, a rotation, a revocation.
func (w *world) change(ctx context.Context, n int) error {
	w.mu.Lock()
	oldest := w.keys[0]
	w.mu.Unlock()
	switch n % 3 {
	case 0:
		return w.newKey(ctx, api.NewKey{Service: fmt.Sprint("service-", rand.N(5)), Team: team})
	case 1:
		rotated, err := w.admin.RotateKey(ctx, oldest.id, api.KeyRotation{Grace: "1h"})
		if err == nil {
			w.replaceOldest(&key{rotated.ID, rotated.Key, oldest.gone})
		}
		return err
	default:
		oldest.gone.Store(true)
		w.replaceOldest(nil)
		_, err := w.admin.RevokeKey(ctx, oldest.id)
		return err
	}
}

// replaceOldest takes the oldest key out of use, and puts another in.
func (w *world) replaceOldest(by *key) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.keys = w.keys[1:]
	if by != nil {
		w.keys = append(w.keys, by)
	}
}

// ask makes reports while the traffic goes on.
func (w *world) ask(ctx context.Context) {
	for n := 0; pause(ctx, time.Second+rand.N(2*time.Second)); n++ {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
		var err error
		switch n % 3 {
		case 0:
			_, err = w.admin.Usage(ctx, client.UsageQuery{By: []string{"developer", "model", "hour"}})
		case 1:
			_, err = w.admin.Requests(ctx, client.RequestQuery{Limit: 100})
		default:
			_, err = w.admin.Keys(ctx, client.KeyFilter{})
		}
		cancel()
		w.tally.did("report")
		if err != nil {
			w.failed("report", "%v", withoutAddress(err))
		}
	}
}

// reload gives the gateway other configurations, every fourth of them with a
// mistake.
func (w *world) reload(ctx context.Context) {
	for n := 1; pause(ctx, 2*time.Second+rand.N(2*time.Second)); n++ {
		form := good
		if n%4 == 0 {
			form = bad
		}
		err := w.reloadOnce(ctx, form, n)
		w.tally.did("reload")
		if err != nil {
			w.failed("reload", "%v", err)
		}
	}
}

func (w *world) reloadOnce(ctx context.Context, form string, n int) error {
	w.changing.Lock()
	defer w.changing.Unlock()
	if err := w.configure(form, n); err != nil {
		return err
	}
	if err := w.newest().Process.Signal(syscall.SIGHUP); err != nil {
		return err
	}
	pause(ctx, time.Second) // it is read by then
	return w.configure(good, n)
}
