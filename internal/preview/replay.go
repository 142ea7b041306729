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

// arrive lets a request come, after those have ended that ended before. One that
// is refused consumes nothing and teaches nothing.
func (r *replay) arrive(x *tollgate.Exchange) {
	r.endUntil(x.Time)
	r.clock.pass(x.Time)
	r.tally.see(x)
	model := tollgate.BareModel(x.Model)
	counted := r.rule.counts(x.Principal, model)
	if x.Upstream == "" { // no provider has seen it
		r.turnAway(x, counted)
		return
	}
	if r.rule.scope().Covers(x.Principal) {
		r.tally.covered++
	}
	settle := func() {}
	if counted && r.rule.meets(x) {
		var err error
		expected, known := r.memory.Expect(x.Session, x.Key, model)
		settle, err = r.rule.admit(x, expected, known)
		r.tally.count(x, err != nil)
		if err != nil {
			return
		}
	}
	heap.Push(&r.ends, end{x.Time.Add(max(0, x.Duration)), x, settle})
}

// turnAway counts what the rule is about and was refused at the time.
func (r *replay) turnAway(x *tollgate.Exchange, counted bool) {
	if counted && x.Status == http.StatusTooManyRequests {
		r.tally.turnedAway++
	}
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

// learn remembers what the proxy would have.
func (r *replay) learn(x *tollgate.Exchange) {
	if sample, ended := recent.SampleOf(x); ended {
		r.memory.Learn(x.Session, x.Key, tollgate.BareModel(x.Model), sample)
	}
}

func (r *replay) preview(since, until time.Time, older bool) tollgate.Preview {
	p := r.tally.preview()
	p.Since, p.Until = since, until
	p.Notes = append(r.tally.notes(r.rule.scope(), older), r.rule.notes(p.Refused)...)
	return p
}
