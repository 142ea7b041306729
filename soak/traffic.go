package main

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"
)

// actions are what a client does next, as often as their shares say.
var actions = []struct {
	name  string
	share int
	do    func(*visitor, context.Context)
}{
	{"stream", 36, (*visitor).stream},
	{"whole answer", 14, (*visitor).whole},
	{"count tokens", 6, (*visitor).countTokens},
	{"list models", 4, (*visitor).models},
	{"hang up while streaming", 8, (*visitor).leaveStream},
	{"hang up while waiting", 4, (*visitor).leaveWaiting},
	{"hang up while uploading", 4, (*visitor).leaveUpload},
	{"read slowly", 3, (*visitor).readSlowly},
	{"write slowly", 3, (*visitor).writeSlowly},
	{"provider refuses", 6, (*visitor).refusedByProvider},
	{"provider breaks off", 6, (*visitor).brokenByProvider},
	{"bad request", 6, (*visitor).badRequest},
}

// startTraffic begins the load. What was begun is let finish when ctx ends;
// done returns when it has.
func (w *world) startTraffic(ctx context.Context) (done func()) {
	var all sync.WaitGroup
	for range w.options.clients {
		all.Go(func() {
			for pause(ctx, rand.N(thinking)) {
				w.act(context.WithoutCancel(ctx))
			}
		})
	}
	all.Go(func() { w.administer(ctx) })
	all.Go(func() { w.refill(ctx) })
	all.Go(func() { w.ask(ctx) })
	all.Go(func() { w.reload(ctx) })
	return func() {
		<-ctx.Done()
		all.Wait()
	}
}

// thinking is how long a client pauses between two requests, at most.
const thinking = 400 * time.Millisecond

// patience bounds one action.
const patience = time.Minute

func (w *world) act(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	sum := 0
	for _, each := range actions {
		sum += each.share
	}
	chosen := rand.N(sum)
	for _, each := range actions {
		if chosen -= each.share; chosen < 0 {
			each.do(w.visitor(each.name), ctx)
			w.tally.did(each.name)
			return
		}
	}
}
