package storetest

import (
	"testing"
	"time"

	"tollgate"
	"tollgate/internal/store"
)

func limit(scope tollgate.Scope) tollgate.Limit {
	return tollgate.Limit{
		ID: tollgate.NewLimitID(), Scope: scope, RequestsPerMinute: 1, InputTokensPerMinute: 2, OutputTokensPerMinute: 3,
		Concurrent: 4, CountTokensPerMinute: 5, CreatedAt: start,
	}
}

func testLimit(t *testing.T, s *store.Store) {
	ctx := t.Context()
	people(t, s)
	var all []tollgate.Limit
	for n, scope := range someScopes {
		l := limit(scope)
		l.CreatedAt = start.Add(time.Duration(n) * time.Microsecond)
		all = append(all, l)
		stored, err := s.SetLimit(ctx, l)
		must(t, err)
		want(t, "stored limit", stored, l)
	}
	got, err := s.Limits(ctx)
	must(t, err)
	want(t, "limits", got, all)
	must(t, s.RemoveLimit(ctx, all[0].ID))
	wantKind(t, s.RemoveLimit(ctx, all[0].ID), tollgate.NotFound)
	_, err = s.Limit(ctx, all[0].ID)
	wantKind(t, err, tollgate.NotFound)
	one, err := s.Limit(ctx, all[1].ID)
	must(t, err)
	want(t, "limit", one, all[1])
}

// What is set again for the same scope and models changes the limit that is
// there.
func testLimitSetAgain(t *testing.T, s *store.Store) {
	ctx := t.Context()
	first := limit(orgScope)
	first.Models, first.Each = []string{"b*", "a*", "a*"}, true
	first, err := s.SetLimit(ctx, first)
	must(t, err)
	want(t, "models", first.Models, []string{"a*", "b*"})

	again := limit(orgScope)
	again.Models, again.Each, again.CreatedAt = []string{"a*", "b*"}, true, start.Add(time.Hour)
	again.RequestsPerMinute, again.InputTokensPerMinute, again.OutputTokensPerMinute, again.Concurrent, again.CountTokensPerMinute = 0, 20, 30, 40, 50
	stored, err := s.SetLimit(ctx, again)
	must(t, err)
	again.ID, again.CreatedAt = first.ID, first.CreatedAt
	want(t, "limit set again", stored, again)

	for name, other := range map[string]func(*tollgate.Limit){
		"other models": func(l *tollgate.Limit) { l.Models = nil },
		"shared":       func(l *tollgate.Limit) { l.Each = false },
	} {
		l := first
		l.ID = tollgate.NewLimitID()
		other(&l)
		stored, err := s.SetLimit(ctx, l)
		must(t, err)
		want(t, name, stored, l)
	}
}

func testLimitRefused(t *testing.T, s *store.Store) {
	people(t, s)
	there, err := s.SetLimit(t.Context(), limit(orgScope))
	must(t, err)
	for name, test := range map[string]struct {
		spoil func(*tollgate.Limit)
		kind  tollgate.Kind
	}{
		"no scope":         {func(l *tollgate.Limit) { l.Scope = tollgate.Scope{} }, tollgate.Invalid},
		"nobody's team":    {func(l *tollgate.Limit) { l.Scope.Name = "apps" }, tollgate.NotFound},
		"each of a key":    {func(l *tollgate.Limit) { l.Scope, l.Each = adaKey, true }, tollgate.Invalid},
		"negative":         {func(l *tollgate.Limit) { l.RequestsPerMinute = -1 }, tollgate.Invalid},
		"negative input":   {func(l *tollgate.Limit) { l.InputTokensPerMinute = -1 }, tollgate.Invalid},
		"negative output":  {func(l *tollgate.Limit) { l.OutputTokensPerMinute = -1 }, tollgate.Invalid},
		"negative at once": {func(l *tollgate.Limit) { l.Concurrent = -1 }, tollgate.Invalid},
		"negative counts":  {func(l *tollgate.Limit) { l.CountTokensPerMinute = -1 }, tollgate.Invalid},
		"no id":            {func(l *tollgate.Limit) { l.ID = "" }, tollgate.Invalid},
		"no time":          {func(l *tollgate.Limit) { l.CreatedAt = time.Time{} }, tollgate.Invalid},
		"id of another":    {func(l *tollgate.Limit) { l.ID = there.ID }, tollgate.Conflict},
	} {
		l := limit(webScope)
		test.spoil(&l)
		_, err := s.SetLimit(t.Context(), l)
		t.Log(name, err)
		wantKind(t, err, test.kind)
	}
	limits, err := s.Limits(t.Context())
	must(t, err)
	want(t, "limits", limits, []tollgate.Limit{there})
}
