package limit

import (
	"fmt"
	"testing"
	"time"

	"tollgate"
)

const (
	developers = 10_000
	teams      = 1_000
)

// crowded is a limiter of an organisation in which ten limits apply to every
// request, and its people.
func crowded() (*Limiter, []tollgate.Principal) {
	const plenty = 1_000_000_000_000
	figures := func(scope tollgate.Scope, each bool, models ...string) tollgate.Limit {
		return tollgate.Limit{
			ID: fmt.Sprint(scope, each, models), Scope: scope, Each: each, Models: models, RequestsPerMinute: plenty,
			InputTokensPerMinute: plenty, OutputTokensPerMinute: plenty, Concurrent: plenty, CountTokensPerMinute: plenty,
		}
	}
	limits := []tollgate.Limit{figures(org, false), figures(org, true), figures(org, false, "claude-haiku-*", "claude-opus-*"), figures(org, true, "claude-*")}
	for i := range teams {
		team := tollgate.Scope{Kind: tollgate.ScopeTeam, Name: fmt.Sprint("team-", i)}
		limits = append(limits, figures(team, false), figures(team, true), figures(team, true, "claude-opus-*"))
	}
	var people []tollgate.Principal
	for i := range developers {
		who := tollgate.Principal{Key: fmt.Sprintf("%012d", i), Developer: fmt.Sprintf("developer-%d@example.com", i), Team: fmt.Sprint("team-", i%teams)}
		developer := tollgate.Scope{Kind: tollgate.ScopeDeveloper, Name: who.Developer}
		limits = append(limits, figures(developer, false), figures(developer, true), figures(tollgate.Scope{Kind: tollgate.ScopeKey, Name: who.Key}, false))
		people = append(people, who)
	}
	l := New(time.Now)
	l.Load(limits)
	return l, people
}

// BenchmarkAdmitSettle is one request of one of 10,000 developers in 1,000
// teams, to whom ten limits with five figures each apply.
func BenchmarkAdmitSettle(b *testing.B) {
	l, people := crowded()
	turn := func(i int) {
		a := ask(people[i*7919%len(people)])
		a.Input, a.Output = 5000, 500
		grant, err := l.Admit(a)
		if err != nil || len(grant.claim.parts) != 10 {
			b.Fatal(err)
		}
		grant.Settle(tollgate.Tokens{Input: 4000, CacheRead: 100_000, Output: 700})
	}
	for i := range people {
		turn(i)
	}
	b.Run("one after another", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			turn(i)
		}
	})
	b.Run("at once", func(b *testing.B) {
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for i := 0; pb.Next(); i++ {
				turn(i)
			}
		})
	})
}
