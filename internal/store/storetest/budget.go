package storetest

import (
	"testing"
	"time"

	"tollgate"
	"tollgate/internal/store"
)

// team, developer and key are whose budgets and limits these tests set.
var (
	orgScope   = tollgate.Scope{Kind: tollgate.ScopeOrg}
	webScope   = tollgate.Scope{Kind: tollgate.ScopeTeam, Name: "web"}
	adaScope   = tollgate.Scope{Kind: tollgate.ScopeDeveloper, Name: "ada@example.com"}
	bobScope   = tollgate.Scope{Kind: tollgate.ScopeDeveloper, Name: "bob@example.com"}
	ciScope    = tollgate.Scope{Kind: tollgate.ScopeService, Name: "ci"}
	adaKey     = tollgate.Scope{Kind: tollgate.ScopeKey, Name: "k-ada"}
	ciKey      = tollgate.Scope{Kind: tollgate.ScopeKey, Name: "k-ci"}
	someScopes = []tollgate.Scope{orgScope, webScope, adaScope, bobScope, ciScope, adaKey, ciKey}
)

// people makes them.
func people(t *testing.T, s *store.Store) {
	t.Helper()
	ctx := t.Context()
	must(t, s.CreateTeam(ctx, tollgate.Team{Name: "web"}))
	must(t, s.CreateDeveloper(ctx, tollgate.Developer{Email: "ada@example.com", Team: "web"}))
	must(t, s.CreateDeveloper(ctx, tollgate.Developer{Email: "bob@example.com"}))
	create(t, s, tollgate.Key{ID: "k-ada", Developer: "ada@example.com", CreatedAt: start})
	create(t, s, tollgate.Key{ID: "k-bob", Developer: "bob@example.com", CreatedAt: start})
	create(t, s, tollgate.Key{ID: "k-ci", Service: "ci", CreatedAt: start})
}

// budget is one of $5 a day, made at start.
func budget(scope tollgate.Scope) tollgate.Budget {
	return tollgate.Budget{
		ID: tollgate.NewBudgetID(), Scope: scope, Amount: 5 * tollgate.Dollar, Period: tollgate.PeriodDay,
		Hard: true, Enforce: tollgate.EnforceExpected, CreatedAt: start,
	}
}

func set(t *testing.T, s *store.Store, b tollgate.Budget) tollgate.Budget {
	t.Helper()
	stored, err := s.SetBudget(t.Context(), b)
	must(t, err)
	return stored
}

func testBudget(t *testing.T, s *store.Store) {
	ctx := t.Context()
	people(t, s)
	var all []tollgate.Budget
	for n, scope := range someScopes {
		b := budget(scope)
		b.CreatedAt = start.Add(time.Duration(n) * time.Microsecond)
		all = append(all, b)
		want(t, "stored budget", set(t, s, b), b)
	}
	got, err := s.Budgets(ctx)
	must(t, err)
	want(t, "budgets", got, all)
	one, err := s.Budget(ctx, all[3].ID)
	must(t, err)
	want(t, "budget", one, all[3])

	must(t, s.RemoveBudget(ctx, all[0].ID))
	wantKind(t, s.RemoveBudget(ctx, all[0].ID), tollgate.NotFound)
	_, err = s.Budget(ctx, all[0].ID)
	wantKind(t, err, tollgate.NotFound)
	got, err = s.Budgets(ctx)
	must(t, err)
	want(t, "budgets", got, all[1:])
}

// What is set again for the same scope, period and models changes the budget
// that is there.
func testBudgetSetAgain(t *testing.T, s *store.Store) {
	people(t, s)
	first := budget(webScope)
	first.Models, first.Each = []string{"claude-sonnet-*", "claude-opus-*", "claude-opus-*"}, true
	first = set(t, s, first)
	want(t, "models", first.Models, []string{"claude-opus-*", "claude-sonnet-*"})
	_, err := s.RaiseBudget(t.Context(), first.ID, raiseFor(tollgate.Scope{}))
	must(t, err)

	again := budget(webScope)
	again.Models, again.Each = []string{"claude-opus-*", "claude-sonnet-*"}, true
	again.Amount, again.Enforce, again.Alerts, again.CreatedAt = 0, tollgate.EnforceStrict, []int{60, 100}, start.Add(time.Hour)
	stored := set(t, s, again)
	want(t, "raises", len(stored.Raises), 1)
	again.ID, again.CreatedAt, again.Raises = first.ID, first.CreatedAt, stored.Raises
	want(t, "budget set again", stored, again)

	for name, other := range map[string]func(*tollgate.Budget){
		"another scope":  func(b *tollgate.Budget) { b.Scope = orgScope },
		"another period": func(b *tollgate.Budget) { b.Period = tollgate.PeriodMonth },
		"other models":   func(b *tollgate.Budget) { b.Models = b.Models[:1] },
		"all models":     func(b *tollgate.Budget) { b.Models = nil },
		"shared":         func(b *tollgate.Budget) { b.Each = false },
		"soft":           func(b *tollgate.Budget) { b.Hard = false },
	} {
		b := first
		b.ID, b.Raises = tollgate.NewBudgetID(), nil
		other(&b)
		want(t, name, set(t, s, b), b)
		first = set(t, s, first)
		want(t, "the one that was first", first.ID, stored.ID)
	}
}

func testBudgetAlerts(t *testing.T, s *store.Store) {
	for _, alerts := range [][]int{nil, {}, {50}, {50, 80, 95, 100}, {}, nil} {
		b := budget(orgScope)
		b.Alerts = alerts
		want(t, "alerts", set(t, s, b).Alerts, alerts)
	}
	b := budget(orgScope)
	b.Enforce = ""
	want(t, "enforcement of one that does not say", set(t, s, b).Enforce, tollgate.EnforceExpected)
}

func testBudgetRefused(t *testing.T, s *store.Store) {
	people(t, s)
	_, err := s.RemoveDeveloper(t.Context(), "bob@example.com", start)
	must(t, err)
	there := set(t, s, budget(orgScope))
	for name, test := range map[string]struct {
		spoil func(*tollgate.Budget)
		kind  tollgate.Kind
	}{
		"no scope":           {func(b *tollgate.Budget) { b.Scope = tollgate.Scope{} }, tollgate.Invalid},
		"scope of its own":   {func(b *tollgate.Budget) { b.Scope.Kind = "planet" }, tollgate.Invalid},
		"named organisation": {func(b *tollgate.Budget) { b.Scope = tollgate.Scope{Kind: tollgate.ScopeOrg, Name: "us"} }, tollgate.Invalid},
		"nobody's team":      {func(b *tollgate.Budget) { b.Scope.Name = "apps" }, tollgate.NotFound},
		"no team":            {func(b *tollgate.Budget) { b.Scope.Name = "" }, tollgate.Invalid},
		"removed developer":  {func(b *tollgate.Budget) { b.Scope = bobScope }, tollgate.NotFound},
		"no service":         {func(b *tollgate.Budget) { b.Scope = tollgate.Scope{Kind: tollgate.ScopeService, Name: "cd"} }, tollgate.NotFound},
		"no key":             {func(b *tollgate.Budget) { b.Scope = tollgate.Scope{Kind: tollgate.ScopeKey, Name: "k"} }, tollgate.NotFound},
		"each of a key":      {func(b *tollgate.Budget) { b.Scope, b.Each = adaKey, true }, tollgate.Invalid},
		"negative":           {func(b *tollgate.Budget) { b.Amount = -1 }, tollgate.Invalid},
		"no period":          {func(b *tollgate.Budget) { b.Period = "" }, tollgate.Invalid},
		"period of its own":  {func(b *tollgate.Budget) { b.Period = "fortnight" }, tollgate.Invalid},
		"enforced somehow":   {func(b *tollgate.Budget) { b.Enforce = "somehow" }, tollgate.Invalid},
		"no id":              {func(b *tollgate.Budget) { b.ID = "" }, tollgate.Invalid},
		"no time":            {func(b *tollgate.Budget) { b.CreatedAt = time.Time{} }, tollgate.Invalid},
		"id of another":      {func(b *tollgate.Budget) { b.ID = there.ID }, tollgate.Conflict},
	} {
		b := budget(webScope)
		test.spoil(&b)
		_, err := s.SetBudget(t.Context(), b)
		t.Log(name, err)
		wantKind(t, err, test.kind)
	}
	budgets, err := s.Budgets(t.Context())
	must(t, err)
	want(t, "budgets", budgets, []tollgate.Budget{there})
}

func raiseFor(member tollgate.Scope) tollgate.Raise {
	return tollgate.Raise{
		ID: tollgate.NewRaiseID(), Member: member, By: 2 * tollgate.Dollar, From: start, Until: start.Add(time.Hour),
		Reason: "the release", CreatedBy: "root",
	}
}

func testRaise(t *testing.T, s *store.Store) {
	ctx := t.Context()
	people(t, s)
	shared, each := budget(webScope), budget(webScope)
	each.Each = true
	shared, each = set(t, s, shared), set(t, s, each)
	later, sooner := raiseFor(tollgate.Scope{}), raiseFor(adaScope)
	later.From, later.Until = start.Add(time.Minute), start.AddDate(1, 0, 0)
	_, err := s.RaiseBudget(ctx, each.ID, later)
	must(t, err)
	got, err := s.RaiseBudget(ctx, each.ID, sooner)
	must(t, err)
	each.Raises = []tollgate.Raise{sooner, later}
	want(t, "raised budget", got, each)
	budgets, err := s.Budgets(ctx)
	must(t, err)
	want(t, "raises in the list", budgets[0].Raises == nil, budgets[0].ID == shared.ID)

	other := set(t, s, budget(orgScope))
	_, err = s.RaiseBudget(ctx, other.ID, later)
	wantKind(t, err, tollgate.Conflict) // its id
	must(t, s.RemoveBudget(ctx, each.ID))
	got, err = s.RaiseBudget(ctx, other.ID, later)
	must(t, err)
	want(t, "raises", got.Raises, []tollgate.Raise{later})
}

func testRaiseRefused(t *testing.T, s *store.Store) {
	people(t, s)
	ids := map[string]string{"nobody's": "bgt_none"}
	for name, b := range map[string]tollgate.Budget{"shared": budget(orgScope), "each of all": budget(orgScope), "each of ada": budget(adaScope)} {
		b.Each = name != "shared"
		ids[name] = set(t, s, b).ID
	}
	for name, test := range map[string]struct {
		budget string
		member tollgate.Scope
		spoil  func(*tollgate.Raise)
		kind   tollgate.Kind
	}{
		"no budget":        {"nobody's", tollgate.Scope{}, nil, tollgate.NotFound},
		"member of shared": {"shared", adaScope, nil, tollgate.Invalid},
		"team":             {"each of all", webScope, nil, tollgate.Invalid},
		"key of all":       {"each of all", adaKey, nil, tollgate.Invalid},
		"developer of ada": {"each of ada", adaScope, nil, tollgate.Invalid},
		"another's key":    {"each of ada", ciKey, nil, tollgate.Invalid},
		"no such member":   {"each of all", tollgate.Scope{Kind: tollgate.ScopeService, Name: "cd"}, nil, tollgate.NotFound},
		"half a member":    {"each of all", tollgate.Scope{Kind: tollgate.ScopeService}, nil, tollgate.Invalid},
		"nothing":          {"shared", tollgate.Scope{}, func(r *tollgate.Raise) { r.By = 0 }, tollgate.Invalid},
		"less":             {"shared", tollgate.Scope{}, func(r *tollgate.Raise) { r.By = -1 }, tollgate.Invalid},
		"ended":            {"shared", tollgate.Scope{}, func(r *tollgate.Raise) { r.Until = r.From }, tollgate.Invalid},
		"no id":            {"shared", tollgate.Scope{}, func(r *tollgate.Raise) { r.ID = "" }, tollgate.Invalid},
	} {
		r := raiseFor(test.member)
		if test.spoil != nil {
			test.spoil(&r)
		}
		_, err := s.RaiseBudget(t.Context(), ids[test.budget], r)
		t.Log(name, err)
		wantKind(t, err, test.kind)
	}
	for name, member := range map[string]tollgate.Scope{"each of all": ciScope, "each of ada": adaKey} {
		_, err := s.RaiseBudget(t.Context(), ids[name], raiseFor(member))
		must(t, err)
	}
}
