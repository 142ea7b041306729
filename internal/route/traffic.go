package route

import (
	"slices"
	"time"

	"tollgate"
)

// Traffic is what is known of how upstreams fare: which of them rest, and which
// one serves which session. It outlives every configuration, and may be used by
// many goroutines at once.
type Traffic struct {
	now      func() time.Time
	rests    *rests
	sessions *sessions
}

// NewTraffic begins with nothing known.
func NewTraffic(now func() time.Time) *Traffic {
	return &Traffic{now: now, rests: &rests{fares: map[subject]*fare{}}, sessions: newSessions()}
}

// Asker is whose request is to be sent somewhere, and for which model.
type Asker struct {
	Session, Key string
	Model        string // as the Messages API spells it
}

// Failure is how an upstream did not serve.
type Failure struct {
	Status     int           // of its answer; 0: there was none
	RetryAfter time.Duration // that it asked for; 0: none
	Why        string        // a word for people: "status 529", "timeout"
}

// Order says in which order targets are to be tried. Those at rest are left
// out, unless all of them are: then the client gets what the provider itself
// says. A session's own upstream comes first. The targets stay as they are.
func (t *Traffic) Order(targets []tollgate.Target, who Asker) []tollgate.Target {
	if len(targets) < 2 {
		return targets
	}
	whose := who.Session
	if whose == "" {
		whose = who.Key
	}
	ordered := pooled(targets, whose)
	if who.Session != "" {
		ordered = preferring(ordered, t.sessions.at(who.Session, tollgate.ParseModel(who.Model).String()))
	}
	return t.rests.leaveOut(ordered, t.now())
}

// preferring puts an upstream's target in front, if it is among them.
func preferring(targets []tollgate.Target, upstream string) []tollgate.Target {
	at := slices.IndexFunc(targets, func(target tollgate.Target) bool { return target.Upstream == upstream })
	if at <= 0 {
		return targets
	}
	return slices.Concat(targets[at:at+1], targets[:at], targets[at+1:])
}

// Failed tells of an attempt that moved on.
func (t *Traffic) Failed(target tollgate.Target, how Failure) { t.rests.failed(target, how, t.now()) }

// Answered tells of an attempt that was answered, with whatever.
func (t *Traffic) Answered(target tollgate.Target) { t.rests.answered(target) }

// Resting is what rests just now, by name.
func (t *Traffic) Resting() []Rest { return t.rests.list(t.now()) }

// Served remembers which upstream served a session, and writes into the
// exchange what moving there has cost. It is called once what was consumed is
// known.
func (t *Traffic) Served(x *tollgate.Exchange) {
	stay, served := StayOf(x)
	if !served {
		return
	}
	if before := t.sessions.put(stay); before.Upstream != "" && before.Upstream != stay.Upstream {
		x.MovedFrom, x.MovedTokens = before.Upstream, before.Cached
	}
}

// Restore remembers what other processes have served, the oldest first. It
// comes before anything else is asked.
func (t *Traffic) Restore(stays []Stay) {
	for _, stay := range stays {
		stay.Model = tollgate.ParseModel(stay.Model).String()
		t.sessions.put(stay)
	}
}
