package route

import (
	"cmp"
	"hash/fnv"
	"net/http"
	"slices"
	"sync"
	"time"

	"tollgate"
)

const (
	shortestRest = time.Second
	longestRest  = time.Minute
	// longestAsked bounds what an upstream can ask for: it may be mistaken, and
	// nobody else tells when it is well again.
	longestAsked = 5 * time.Minute
	// enough failures in a row, where one may happen to a healthy upstream.
	enough = 3
	// probeBound is how long the outcome of a probe is waited for. A client that
	// hangs up leaves none.
	probeBound = 30 * time.Second
	// mostFares bounds the memory: clients choose names of models.
	mostFares = 4096
)

// Rest is an upstream, or one model there, that is left alone for a while.
type Rest struct {
	Upstream string
	Model    string // as the upstream calls it; empty: whatever the model
	Since    time.Time
	Until    time.Time
	Why      string // "status_529", "no_answer": see Failure
	Failures int    // in a row, up to now
}

// rests is how upstreams fare.
type rests struct {
	mu    sync.Mutex
	fares map[subject]*fare
}

// subject is what can rest. Without a model it is the upstream as a whole.
type subject struct{ upstream, model string }

// fare is that of a subject whose last attempt has failed; who serves has none.
type fare struct {
	failures     int // in a row
	rests        int // in a row; 0: it never rested since it served
	since, until time.Time
	why          string
	probed       time.Time // when a request was let through to find out; zero: none is
}

// condition is what may be sent to a subject.
type condition int

const (
	well    condition = iota // everything
	due                      // one request, to find out
	resting                  // nothing
)

func (f *fare) condition(now time.Time) condition {
	switch {
	case f == nil || f.rests == 0:
		return well
	case now.Before(f.until), now.Sub(f.probed) < probeBound:
		return resting
	}
	return due
}

// subjectsOf are those whose rest is a target's rest.
func subjectsOf(target tollgate.Target) [2]subject {
	return [2]subject{{target.Upstream, ""}, {target.Upstream, target.Model}}
}

// leaveOut returns the targets that may be tried, in their order. Of one whose
// rest is over the first to come here is let through at once; the others have it
// behind one that is well, or not at all.
func (r *rests) leaveOut(targets []tollgate.Target, now time.Time) []tollgate.Target {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.fares) == 0 {
		return targets
	}
	var left []tollgate.Target
	for _, target := range targets {
		switch condition := r.of(target, now); {
		case condition == resting:
			continue
		case condition == due && len(left) == 0:
			r.probe(target, now)
		}
		left = append(left, target)
	}
	if len(left) == 0 {
		return targets
	}
	return left
}

func (r *rests) of(target tollgate.Target, now time.Time) condition {
	subjects := subjectsOf(target)
	return max(r.fares[subjects[0]].condition(now), r.fares[subjects[1]].condition(now))
}

func (r *rests) probe(target tollgate.Target, now time.Time) {
	for _, subject := range subjectsOf(target) {
		if f := r.fares[subject]; f.condition(now) == due {
			f.probed = now
		}
	}
}

// failed counts a failure, and begins a rest where it is time for one. One that
// comes while the subject rests was under way before, or had nowhere else to go:
// it makes no rest longer, unless the upstream asks for that.
func (r *rests) failed(target tollgate.Target, how Failure, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	subject := how.subject(target)
	r.found(target, subject)
	f := r.fares[subject]
	if f == nil {
		r.makeRoom(now)
		f = &fare{}
		r.fares[subject] = f
	}
	f.failures++
	switch {
	case now.Before(f.until):
		f.until = later(f.until, now.Add(how.asked()))
	case f.rests > 0 || how.severe() || f.failures >= enough:
		f.rest(subject, how, now)
	}
}

// found ends the wait for a probe's outcome. Where that is one model's failure, the
// upstream as a whole has answered.
func (r *rests) found(target tollgate.Target, failing subject) {
	for _, each := range subjectsOf(target) {
		if f := r.fares[each]; f != nil {
			f.probed = time.Time{}
		}
	}
	if failing.model != "" {
		delete(r.fares, subject{upstream: target.Upstream})
	}
}

func (f *fare) rest(of subject, how Failure, now time.Time) {
	f.rests++
	f.since, f.why, f.probed = now, how.Why, time.Time{}
	f.until = now.Add(max(pause(of, f.rests), how.asked()))
}

// answered ends the rest of whoever serves.
func (r *rests) answered(target tollgate.Target) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, subject := range subjectsOf(target) {
		delete(r.fares, subject)
	}
}

// makeRoom forgets what is well known to be over, and if that is not enough,
// anything.
func (r *rests) makeRoom(now time.Time) {
	if len(r.fares) < mostFares {
		return
	}
	for subject, f := range r.fares {
		if f.condition(now) != resting || len(r.fares) >= mostFares && subject.model != "" {
			delete(r.fares, subject)
		}
	}
}

// list is what rests, by name.
func (r *rests) list(now time.Time) (list []Rest) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for subject, f := range r.fares {
		if now.Before(f.until) && f.rests > 0 {
			list = append(list, Rest{Upstream: subject.upstream, Model: subject.model, Since: f.since, Until: f.until, Why: f.why, Failures: f.failures})
		}
	}
	slices.SortFunc(list, func(a, b Rest) int {
		return cmp.Or(cmp.Compare(a.Upstream, b.Upstream), cmp.Compare(a.Model, b.Model))
	})
	return list
}

// subject is whom a failure is to be laid to: no answer and a refused credential
// are the upstream's as a whole, the rest may be one model's.
func (how Failure) subject(target tollgate.Target) subject {
	switch how.Status {
	case 0, http.StatusUnauthorized:
		return subject{upstream: target.Upstream}
	}
	return subject{target.Upstream, target.Model}
}

// severe says whether the failure will not be gone at the next attempt.
func (how Failure) severe() bool {
	switch how.Status {
	case 0, http.StatusUnauthorized, http.StatusPaymentRequired, http.StatusForbidden, http.StatusNotFound:
		return true
	case http.StatusTooManyRequests:
		return how.RetryAfter > 0
	}
	return false
}

// asked is how long the upstream wants to be left alone, within reason.
func (how Failure) asked() time.Duration { return min(how.RetryAfter, longestAsked) }

// pause is the length of a subject's nth rest in a row: twice that of the one
// before, and a little more, by which upstreams that failed together do not come
// back together.
func pause(of subject, nth int) time.Duration {
	length := longestRest
	if doublings := nth - 1; doublings < 6 {
		length = shortestRest << doublings
	}
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(of.upstream + "\x00" + of.model))
	return min(length+length*time.Duration(hash.Sum32()%256)/1024, longestRest)
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
