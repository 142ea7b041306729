package limit

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"tollgate"
)

// watch is a clock that goes when it is told to.
type watch struct{ time.Time }

func (w *watch) now() time.Time       { return w.Time }
func (w *watch) pass(d time.Duration) { w.Time = w.Add(d) }

func newWatch() *watch { return &watch{time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)} }

// with is a limiter with these limits and the watch it goes by.
func with(limits ...tollgate.Limit) (*Limiter, *watch) {
	w := newWatch()
	l := New(w.now)
	l.Load(limits)
	return l, w
}

var (
	ada   = tollgate.Principal{Key: "kada", Developer: "ada@example.com", Team: "core"}
	bob   = tollgate.Principal{Key: "kbob", Developer: "bob@example.com", Team: "core"}
	eve   = tollgate.Principal{Key: "keve", Developer: "eve@example.com"}
	robot = tollgate.Principal{Key: "kbot", Service: "ci", Team: "core"}
	org   = tollgate.Scope{Kind: tollgate.ScopeOrg}
	core  = tollgate.Scope{Kind: tollgate.ScopeTeam, Name: "core"}
)

func ask(who tollgate.Principal) Ask {
	return Ask{Who: who, Model: "claude-opus-5-5", Operation: tollgate.Messages}
}

func counting(who tollgate.Principal) Ask {
	return Ask{Who: who, Model: "claude-opus-5-5", Operation: tollgate.CountTokens}
}

func admitted(t *testing.T, l *Limiter, a Ask) Grant {
	t.Helper()
	grant, err := l.Admit(a)
	if err != nil {
		t.Fatalf("refused: %v", err)
	}
	return grant
}

func refused(t *testing.T, l *Limiter, a Ask, retryAfter time.Duration) string {
	t.Helper()
	grant, err := l.Admit(a)
	var refusal *tollgate.Error
	if !errors.As(err, &refusal) || refusal.Kind != tollgate.TooFast {
		t.Fatalf("not refused as too fast: %v", err)
	}
	if refusal.RetryAfter != retryAfter {
		t.Fatalf("retry after %v, want %v: %v", refusal.RetryAfter, retryAfter, err)
	}
	if grant != (Grant{}) {
		t.Fatalf("refused with a grant: %+v", grant)
	}
	return refusal.Message
}

func TestWithoutLimitsNothingIsTaken(t *testing.T) {
	l, _ := with()
	if grant := admitted(t, l, ask(ada)); grant != (Grant{}) {
		t.Errorf("%+v", grant)
	}
	var none Grant
	none.Settle(tollgate.Tokens{Input: 1})
	none.Cancel()
}

func TestRequestsRefillContinuously(t *testing.T) {
	l, w := with(tollgate.Limit{ID: "a", Scope: org, RequestsPerMinute: 6})
	for range 6 {
		admitted(t, l, ask(ada))
	}
	refused(t, l, ask(ada), 10*time.Second)
	w.pass(9*time.Second + 999_999_999)
	refused(t, l, ask(ada), time.Second)
	w.pass(1)
	admitted(t, l, ask(ada))
	refused(t, l, ask(bob), 10*time.Second)
	w.pass(time.Hour) // no more than full
	for range 6 {
		admitted(t, l, ask(ada))
	}
	refused(t, l, ask(ada), 10*time.Second)
}

func TestTokensAreExpectedThenSettled(t *testing.T) {
	l, w := with(tollgate.Limit{ID: "a", Scope: org, InputTokensPerMinute: 6000, OutputTokensPerMinute: 600})
	a := ask(ada)
	a.Input, a.Output = 4000, 100
	grant := admitted(t, l, a)
	refused(t, l, a, 20*time.Second) // 2,000 more come back in 20 s
	grant.Settle(tollgate.Tokens{Input: 500, CacheWrite5m: 250, CacheWrite1h: 250, CacheRead: 1 << 40, Output: 50})
	grant = admitted(t, l, a) // 1,000 and 50 used
	grant.Settle(tollgate.Tokens{Input: 5000, Output: 1150})
	// 6,000 and 1,200 are used: the output is in debt, and 600 + 1 have to come back.
	refused(t, l, ask(ada), 60*time.Second+100*time.Millisecond+900*time.Millisecond)
	w.pass(60*time.Second + 100*time.Millisecond)
	admitted(t, l, ask(ada))
}

func TestALargeRequestPassesAFullBucket(t *testing.T) {
	l, w := with(tollgate.Limit{ID: "a", Scope: org, InputTokensPerMinute: 1000})
	a := ask(ada)
	a.Input = 1_000_000
	grant := admitted(t, l, a)
	refused(t, l, ask(bob), time.Second) // a thousandth of a minute
	grant.Settle(tollgate.Tokens{Input: 3000})
	refused(t, l, ask(bob), 2*time.Minute+time.Second)
	w.pass(3*time.Minute - 1)
	refused(t, l, a, time.Second)
	w.pass(1)
	admitted(t, l, a)
}

func TestConcurrent(t *testing.T) {
	l, w := with(tollgate.Limit{ID: "a", Scope: core, Concurrent: 2})
	first, second := admitted(t, l, ask(ada)), admitted(t, l, ask(robot))
	refused(t, l, ask(bob), time.Second)
	w.pass(time.Hour)
	refused(t, l, ask(bob), time.Second)
	admitted(t, l, ask(eve)) // not in the team
	first.Settle(tollgate.Tokens{})
	first.Settle(tollgate.Tokens{})
	first.Cancel()
	third := admitted(t, l, ask(bob))
	refused(t, l, ask(bob), time.Second)
	copied := third
	copied.Cancel()
	third.Cancel() // the claim may be another's by now
	fourth := admitted(t, l, ask(bob))
	third.Cancel()
	refused(t, l, ask(bob), time.Second)
	second.Cancel()
	fourth.Cancel()
}

func TestCancelGivesEverythingBack(t *testing.T) {
	l, _ := with(tollgate.Limit{
		ID: "a", Scope: org, RequestsPerMinute: 1, InputTokensPerMinute: 10,
		OutputTokensPerMinute: 10, Concurrent: 1, CountTokensPerMinute: 1,
	})
	a := ask(ada)
	a.Input, a.Output = 10, 10
	for range 3 {
		grant, counted := admitted(t, l, a), admitted(t, l, counting(ada))
		refused(t, l, a, time.Minute)
		refused(t, l, counting(ada), time.Minute)
		grant.Cancel()
		counted.Cancel()
	}
}

func TestCountTokensHasAFigureOfItsOwn(t *testing.T) {
	l, _ := with(tollgate.Limit{
		ID: "a", Scope: org, RequestsPerMinute: 1, InputTokensPerMinute: 1,
		OutputTokensPerMinute: 1, Concurrent: 1, CountTokensPerMinute: 3,
	})
	grant := admitted(t, l, ask(ada))
	grant.Settle(tollgate.Tokens{Input: 1000, Output: 1000}) // everything else is in debt
	for range 3 {
		counted := admitted(t, l, counting(ada))
		counted.Settle(tollgate.Tokens{Input: 1 << 40})
	}
	message := refused(t, l, counting(ada), 20*time.Second)
	if !strings.Contains(message, "3 count_tokens requests per minute") {
		t.Error(message)
	}
}

func TestAllOrNothing(t *testing.T) {
	l, _ := with(
		tollgate.Limit{ID: "a", Scope: org, RequestsPerMinute: 10, InputTokensPerMinute: 10_000},
		tollgate.Limit{ID: "b", Scope: core, RequestsPerMinute: 2},
		tollgate.Limit{ID: "c", Scope: tollgate.Scope{Kind: tollgate.ScopeKey, Name: "kada"}, RequestsPerMinute: 1},
	)
	admitted(t, l, ask(ada))
	for range 20 {
		refused(t, l, ask(ada), time.Minute) // by the key, and takes nothing of the team's
	}
	admitted(t, l, ask(bob))
	for range 20 {
		refused(t, l, ask(ada), time.Minute) // the key's wait is the longer one
		refused(t, l, ask(bob), 30*time.Second)
	}
	for range 8 {
		admitted(t, l, ask(eve))
	}
	refused(t, l, ask(eve), 6*time.Second)
}

func TestEachMemberHasTheFigures(t *testing.T) {
	l, _ := with(tollgate.Limit{ID: "a", Scope: core, Each: true, RequestsPerMinute: 1})
	for _, who := range []tollgate.Principal{ada, bob, robot} {
		admitted(t, l, ask(who))
		if message := refused(t, l, ask(who), time.Minute); !strings.Contains(message, who.Name()) {
			t.Error(message)
		}
	}
	admitted(t, l, ask(eve))
	admitted(t, l, ask(eve))
}

func TestModels(t *testing.T) {
	l, _ := with(tollgate.Limit{ID: "a", Scope: org, Models: []string{"claude-opus-*", "claude-fable-*"}, RequestsPerMinute: 1})
	admitted(t, l, ask(ada))
	message := refused(t, l, ask(bob), time.Minute)
	if want := "the limit of 1 requests per minute for the organisation (claude-opus-*, claude-fable-*) is reached"; !strings.HasPrefix(message, want) {
		t.Error(message)
	}
	a := ask(ada)
	a.Model = "claude-haiku-5-5"
	admitted(t, l, a)
}

func TestRefusalsSayWhatToDo(t *testing.T) {
	for _, test := range []struct {
		name  string
		limit tollgate.Limit
		used  tollgate.Tokens
		want  string
	}{
		{
			"soon",
			tollgate.Limit{Scope: core, InputTokensPerMinute: 600_000},
			tollgate.Tokens{Input: 700_000},
			"the limit of 600,000 input tokens per minute for team core is reached; there is room again in 11s, and the client asks again by itself",
		},
		{
			"later",
			tollgate.Limit{Scope: org, Each: true, OutputTokensPerMinute: 1000},
			tollgate.Tokens{Output: 5000},
			"the limit of 1,000 output tokens per minute for developer ada@example.com is reached; requests before this one used more than that, " +
				"so there is room again in 4m1s: ask again then, or ask the administrator of this gateway for more",
		},
	} {
		l, _ := with(test.limit)
		grant := admitted(t, l, ask(ada))
		grant.Settle(test.used)
		_, err := l.Admit(ask(ada))
		if err == nil || err.Error() != test.want {
			t.Errorf("%s: %v; want %s", test.name, err, test.want)
		}
	}
	l, _ := with(tollgate.Limit{Scope: tollgate.Scope{Kind: tollgate.ScopeKey, Name: "kada"}, Concurrent: 1})
	admitted(t, l, ask(ada))
	want := "the limit of 1 requests under way for key kada is reached; the client asks again by itself until one of them has ended"
	if message := refused(t, l, ask(ada), time.Second); message != want {
		t.Error(message)
	}
}

func TestLoadKeepsWhatWasUsed(t *testing.T) {
	limit := tollgate.Limit{ID: "a", Scope: org, RequestsPerMinute: 10, Concurrent: 4, InputTokensPerMinute: 100}
	l, w := with(limit)
	a := ask(ada)
	a.Input = 60
	grants := []Grant{admitted(t, l, a), admitted(t, l, ask(ada)), admitted(t, l, ask(ada))}
	w.pass(6 * time.Second) // one request of three and 10 tokens of 62 are back

	limit.RequestsPerMinute, limit.Concurrent = 3, 0
	l.Load([]tollgate.Limit{limit})
	grants = append(grants, admitted(t, l, ask(ada)))
	refused(t, l, ask(ada), 20*time.Second)

	limit.RequestsPerMinute, limit.Concurrent = 0, 4
	l.Load([]tollgate.Limit{limit})
	refused(t, l, ask(ada), time.Second) // the four that began before are under way
	grants[0].Settle(tollgate.Tokens{Input: 98})
	for i := range grants[1:] {
		grants[1+i].Settle(tollgate.Tokens{})
	}
	// 60+1+1-10+1 were used; 98-60-3 more are, and one now.
	admitted(t, l, ask(ada))
	a.Input = 12
	refused(t, l, a, time.Second)
	a.Input = 11
	admitted(t, l, a)
}

func TestARemovedLimitTakesItsGrantsWithIt(t *testing.T) {
	limit := tollgate.Limit{ID: "a", Scope: org, Each: true, RequestsPerMinute: 1, Concurrent: 1}
	l, _ := with(limit)
	grant := admitted(t, l, ask(ada))
	l.Load(nil)
	admitted(t, l, ask(ada))
	l.Load([]tollgate.Limit{limit}) // it begins anew
	second := admitted(t, l, ask(ada))
	grant.Settle(tollgate.Tokens{Input: 5})
	refused(t, l, ask(ada), time.Minute)
	second.Settle(tollgate.Tokens{})

	for _, each := range []bool{false, true} { // about something else now: begins anew too
		limit.Each = each
		l.Load([]tollgate.Limit{limit})
		admitted(t, l, ask(ada))
		refused(t, l, ask(ada), time.Minute)
	}
}

func TestTimeThatGoesBackIsHarmless(t *testing.T) {
	l, w := with(tollgate.Limit{ID: "a", Scope: org, RequestsPerMinute: 60})
	for range 60 {
		admitted(t, l, ask(ada))
	}
	w.pass(-24 * time.Hour)
	refused(t, l, ask(ada), time.Second)
	w.pass(time.Second)
	admitted(t, l, ask(ada))
	refused(t, l, ask(ada), time.Second)
}

// TestTheClockNeverGoesBack nor beyond its end.
func TestTheClockNeverGoesBack(t *testing.T) {
	c, before := clock{last: time.Unix(0, 0)}, time.Duration(0)
	for _, at := range []time.Time{time.Unix(9, 0), time.Unix(5, 0), {}, time.Unix(1<<40, 0), time.Unix(1<<41, 0), time.Unix(0, 0), time.Unix(1, 0)} {
		now := c.read(at)
		if now < before {
			t.Errorf("%v after %v", now, before)
		}
		before = now
	}
}

func TestLargestFigures(t *testing.T) {
	most := int64(math.MaxInt64)
	l, w := with(
		tollgate.Limit{ID: "a", Scope: org, InputTokensPerMinute: most, OutputTokensPerMinute: 1},
		tollgate.Limit{ID: "b", Scope: core, RequestsPerMinute: most, Concurrent: most, CountTokensPerMinute: most},
	)
	a := ask(ada)
	a.Input, a.Output = most, most
	grant := admitted(t, l, a)
	w.pass(time.Minute)
	grant.Settle(tollgate.Tokens{Input: most, Output: most})
	_, err := l.Admit(ask(ada))
	if wait := tollgate.AsError(err).RetryAfter; wait < 200*365*24*time.Hour {
		t.Errorf("%v: %v", wait, err)
	}
	a.Input, a.Output = -most, -most
	grant, _ = l.Admit(a)
	grant.Settle(tollgate.Tokens{Input: -most, CacheWrite5m: most, CacheWrite1h: most, Output: -most})
	if used := l.byID["a"].shared.buckets[inputTokens].used; used < 0 {
		t.Errorf("%d used", used)
	}
}

// TestIdleMembersAreForgotten lets a crowd come by, a few of whom stay.
func TestIdleMembersAreForgotten(t *testing.T) {
	limits := []tollgate.Limit{
		{ID: "a", Scope: org, Each: true, RequestsPerMinute: 60, Concurrent: 4},
		{ID: "b", Scope: org, Each: true, OutputTokensPerMinute: 6000},
	}
	l, w := with(limits...)
	staying := admitted(t, l, ask(ada))
	for i := range 50_000 {
		if i%100 == 1 { // between two asks of the same developer
			l.Load(limits)
		}
		grant := admitted(t, l, ask(tollgate.Principal{Key: "k", Developer: fmt.Sprint("developer-", i/2)}))
		grant.Settle(tollgate.Tokens{Output: 100})
		w.pass(100 * time.Millisecond) // ten a second, each of them idle after a second
	}
	members := len(l.byID["a"].members)
	if members > 3*600 || members != len(l.callers) || members != len(l.round) { // 600 in the minute in which they are not looked at
		t.Errorf("%d members and %d callers are remembered, %d in the round", members, len(l.callers), len(l.round))
	}
	if l.byID["a"].members[org.Member(ada)].running != 1 {
		t.Error("who is under way was forgotten")
	}
	staying.Cancel()
	w.pass(time.Hour)
	for i := range 2000 { // a new one is what makes it look
		grant := admitted(t, l, ask(tollgate.Principal{Key: "k", Developer: fmt.Sprint("late-", i)}))
		grant.Cancel()
		w.pass(time.Minute)
	}
	if len(l.round) > 10 || len(l.byID["b"].members) > 10 {
		t.Errorf("%d callers and %d members stay after the crowd has gone", len(l.round), len(l.byID["b"].members))
	}
}

func TestManyAtOnce(t *testing.T) {
	l := New(time.Now)
	l.Load([]tollgate.Limit{
		{ID: "a", Scope: org, Concurrent: 7, InputTokensPerMinute: 1 << 40},
		{ID: "b", Scope: core, Each: true, Concurrent: 3},
	})
	people := []tollgate.Principal{ada, bob, robot, eve}
	var under sync.Map
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			for turn := range 500 {
				grant, err := l.Admit(ask(people[(i+turn)%len(people)]))
				if err != nil {
					continue
				}
				under.Store(i, true)
				if turn%2 == 0 {
					grant.Settle(tollgate.Tokens{Input: 3})
				}
				grant.Cancel()
				under.Delete(i)
				if turn%100 == 0 {
					l.Load([]tollgate.Limit{{ID: "a", Scope: org, Concurrent: 7}, {ID: "b", Scope: core, Each: true, Concurrent: 3}})
				}
			}
		})
	}
	all.Wait()
	for _, caller := range l.round {
		for _, stake := range caller.stakes {
			if tally := stake.tally; tally.running != 0 {
				t.Errorf("%d under way for %v", tally.running, tally.member)
			}
		}
	}
}
