package preview

import (
	"container/heap"
	"net/http"
	"time"

	"tollgate"
	"tollgate/internal/policy/recent"
)

// replay is a preview under way.
type replay struct {
	rule   trial
	clock  *clock
	ends   ends
	memory *recent.Memory
	tally  tally
}

func newReplay(rule trial, clock *clock, zone *time.Location) *replay {
	return &replay{rule: rule, clock: clock, memory: recent.New(), tally: newTally(zone)}
}

// arrive lets a request come, after those have ended that ended before.
func (r *replay) arrive(x *tollgate.Exchange) {
	r.endUntil(x.Time)
	r.clock.pass(x.Time)
	r.tally.see(x)
	model := tollgate.BareModel(x.Model)
	counted := r.rule.counts(x.Principal, model)
	switch {
	case x.Upstream == "": // no provider has seen it
		if counted && x.Status == http.StatusTooManyRequests {
			r.tally.turnedAway++
		}
		return
	case r.rule.scope().Covers(x.Principal):
		r.tally.covered++
	}
	settle := func() {}
	if counted && r.rule.meets(x) {
		var err error
		expected, known := r.memory.Expect(x.Session, x.Key, model)
		settle, err = r.rule.admit(x, expected, known)
		r.tally.count(x, err != nil)
		if err != nil {
			return // it consumes nothing and teaches nothing
		}
	}
	heap.Push(&r.ends, end{x.Time.Add(max(0, x.Duration)), x, settle})
}

// endUntil ends the requests whose time has come by then.
func (r *replay) endUntil(at time.Time) {
	for len(r.ends) > 0 && !r.ends[0].at.After(at) {
		e := heap.Pop(&r.ends).(end)
		r.clock.pass(e.at)
		e.settle()
		r.learn(e.x)
	}
}

// learn remembers what the proxy would have: what requests consumed that came
// to their end.
func (r *replay) learn(x *tollgate.Exchange) {
	if x.Status == http.StatusOK && x.Operation == tollgate.Messages && x.Cost > 0 && x.Error == "" {
		tokens := x.Usage.Tokens
		r.memory.Learn(x.Session, x.Key, tollgate.BareModel(x.Model), recent.Sample{
			Cost: x.Cost, Input: tokens.Input + tokens.CacheWrite5m + tokens.CacheWrite1h, Output: tokens.Output,
		})
	}
}

func (r *replay) preview(since, until time.Time, older bool) tollgate.Preview {
	p := r.tally.preview()
	p.Since, p.Until = since, until
	p.Notes = append(r.tally.notes(r.rule.scope(), older), r.rule.notes(p.Refused)...)
	return p
}
