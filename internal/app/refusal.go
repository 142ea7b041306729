package app

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"tollgate"
	"tollgate/internal/identity"
)

// What is recorded of those who were not let in.
const (
	keyRefused   tollgate.AuditAction = "key.refuse"   // by the data plane
	adminRefused tollgate.AuditAction = "admin.refuse" // by the admin API
)

// refusal is a sort of them. Where somebody came from is not in it: an address is
// a person's, and the log has it.
type refusal struct {
	action tollgate.AuditAction
	actor  string
	key    string // the id of one of ours; empty for any other
	why    string // a word
}

// refusals counts those who were not let in, so that a flood of them is one
// record a minute for each sort.
type refusals struct {
	now func() time.Time

	mu     sync.Mutex
	begun  time.Time // of what is counted
	counts map[refusal]*tally
}

type tally struct {
	count       int64
	first, last time.Time
}

// mostSorts bounds how many sorts are told apart in a minute; what is more counts
// without its key. refusalSpan is how long is counted before it is recorded.
const (
	mostSorts   = 1000
	refusalSpan = time.Minute
)

func (r *refusals) count(sort refusal) {
	at := r.now()
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.counts) == 0 {
		r.begun, r.counts = at, map[refusal]*tally{}
	}
	if r.counts[sort] == nil && len(r.counts) >= mostSorts {
		sort.key, sort.actor = "", ""
	}
	if r.counts[sort] == nil {
		r.counts[sort] = &tally{first: at}
	}
	r.counts[sort].count++
	r.counts[sort].last = at
}

// take returns what has been counted, if it has been for long enough, or in any
// case.
func (r *refusals) take(anyway bool) (events []tollgate.AuditEvent) {
	at := r.now()
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.counts) == 0 || !anyway && at.Sub(r.begun) < refusalSpan {
		return nil
	}
	sorts := slices.SortedFunc(maps.Keys(r.counts), func(a, b refusal) int {
		return cmp.Or(cmp.Compare(a.action, b.action), cmp.Compare(a.actor, b.actor), cmp.Compare(a.key, b.key), cmp.Compare(a.why, b.why))
	})
	for _, sort := range sorts {
		counted := r.counts[sort]
		events = append(events, tollgate.AuditEvent{
			Time: at, Action: sort.action, Actor: cmp.Or(sort.actor, stranger), Object: sort.key, Outcome: "refused",
			About: object("why", sort.why, "count", counted.count, "first", counted.first.UTC(), "last", counted.last.UTC()),
		})
	}
	r.counts = nil
	return events
}

// stranger is who acts when nobody knows who it is.
const stranger = "stranger"

// doorkeeper is the directory of keys, and has counted whom it does not let in.
type doorkeeper struct {
	*identity.Directory
	refusals *refusals
}

// Identify implements proxy.Identifier.
func (d doorkeeper) Identify(header http.Header) (tollgate.Principal, error) {
	who, err := d.Directory.Identify(header)
	if err != nil {
		why, key := d.Refusal(header)
		d.refusals.count(refusal{action: keyRefused, key: key, why: why})
	}
	return who, err
}

// Done implements admin.Evidence.
func (e Evidence) Done(event tollgate.AuditEvent) {
	if e.taken != nil {
		e.taken.note(event)
	}
}

// Refused implements admin.Evidence.
func (e Evidence) Refused(actor, why string) {
	if e.taken != nil {
		e.taken.refusals.count(refusal{action: adminRefused, actor: actor, why: why})
	}
}
