package proxy

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync/atomic"
	"time"

	"tollgate"
	"tollgate/internal/bound"
)

// room is how much this process holds and how much it may. Nothing that it has
// let in is ever cut because of it (docs/design/bounds.md).
type room struct {
	bodies      bound.Count // bytes of bodies, and of the copies made of them
	requests    bound.Count // of known keys, until their answers have ended
	lingering   bound.Count // refused requests of which the rest is being read
	connections bound.Connections

	told atomic.Int64 // when an operator last heard that it is full, in Unix nanoseconds
}

// set puts the bounds of a configuration in force.
func (r *room) set(l Limits) {
	r.bodies.Set(int64(l.MaxBodyBytesInFlight))
	r.requests.Set(l.MaxRequests)
	r.lingering.Set(l.MaxRequests)
	r.connections.Set(l.MaxConnections)
}

// Load is what the data plane holds, and how much of it there may be.
type Load struct {
	BodyBytes   bound.Stats // of request bodies
	Requests    bound.Stats // under way
	Connections bound.Stats // within the bound
	TurnedAway  int         // connections over the bound that are open
	Lingering   bound.Stats // refused requests of which the rest is being read
}

// Load returns it as it is.
func (p *Proxy) Load() Load {
	return Load{
		BodyBytes:   p.room.bodies.Stats(),
		Requests:    p.room.requests.Stats(),
		Connections: p.room.connections.Stats(),
		TurnedAway:  p.room.connections.Open(),
		Lingering:   p.room.lingering.Stats(),
	}
}

// Watch bounds the connections of the server that p answers on.
func (p *Proxy) Watch(server *http.Server) { p.room.connections.Watch(server) }

// A refusal says to come back after soonest to latest, in seconds: those who
// were refused together must not come back together.
const (
	soonest = 2
	latest  = 10
)

// full is the refusal of a request that would have passed the bound of this name.
func (p *Proxy) full(member string, stats bound.Stats) error {
	p.tellFull(member, stats)
	return &tollgate.Error{
		Kind:       tollgate.Full,
		Message:    "this gateway has as much to do as it can hold just now; the client asks again by itself",
		Cause:      fmt.Errorf("limits.%s is %d", member, stats.Bound),
		RetryAfter: time.Duration(soonest+rand.IntN(latest-soonest+1)) * time.Second,
	}
}

// tellEvery is how often at most an operator hears that the gateway is full.
const tellEvery = 10 * time.Second

func (p *Proxy) tellFull(member string, stats bound.Stats) {
	now, last := p.Now().UnixNano(), p.room.told.Load()
	if now-last >= int64(tellEvery) && p.room.told.CompareAndSwap(last, now) {
		p.Log.Error("tollgate is full and refuses requests", "limit", "limits."+member, "bound", stats.Bound, "held", stats.Held, "refused", stats.Refused)
	}
}
