package check

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"tollgate"
	"tollgate/internal/store"
)

// budget makes the counters of all budgets anew from the rows, and compares.
// It reckons row by row and not as the store does, which adds up what was just
// added, or lets the database group.
func budget(i *inspection, found *findings) work {
	r := &reckoning{inspection: i, found: found, sums: map[account]tollgate.BudgetCounter{}}
	return work{
		slice: func(ctx context.Context, slice *store.Slice) error {
			if err := r.begin(ctx); err != nil || r.lost {
				return err
			}
			r.mark = slice.Mark
			for _, x := range slice.Rows {
				r.add(x)
			}
			return nil
		},
		end: func(ctx context.Context) error {
			if err := r.begin(ctx); err != nil || r.lost {
				return err
			}
			if err := r.compare(ctx); err != nil || i.States == nil {
				return err
			}
			return compareRunning(ctx, i, found)
		},
	}
}

// account is what a counter is about: a budget, for one member or for all, in
// the window that starts then.
type account struct {
	budget string
	member tollgate.Scope
	start  int64 // microseconds
}

func accountOf(c tollgate.BudgetCounter) account { return account{c.Budget, c.Member, start(c.Start)} }

func start(at time.Time) int64 {
	if at.IsZero() {
		return 0
	}
	return at.UnixMicro()
}

// reckoning is the counters as the rows make them.
type reckoning struct {
	*inspection
	found *findings

	begun bool
	lost  bool // the budgets cannot be read, and that is told
	rules store.BudgetRules
	of    map[tollgate.Scope][]tollgate.Budget
	mark  int64 // of the slices; 0 while there was none
	sums  map[account]tollgate.BudgetCounter
}

// begin reads the budgets before the first row is looked at.
func (r *reckoning) begin(ctx context.Context) (err error) {
	if r.begun {
		return nil
	}
	r.begun = true
	if r.rules, err = r.Store.BudgetRules(ctx); err != nil {
		return r.lose(ctx, err)
	}
	r.of = map[tollgate.Scope][]tollgate.Budget{}
	for _, b := range r.rules.Budgets {
		r.of[b.Scope] = append(r.of[b.Scope], b)
	}
	return nil
}

// lose tells that budgets or counters cannot be read.
func (r *reckoning) lose(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return err
	}
	r.lost = true
	r.found.add("the budgets or their counters cannot be read: %v", err)
	return nil
}

func (r *reckoning) add(x *tollgate.Exchange) {
	if x.Cost == 0 {
		return
	}
	for _, scope := range []tollgate.Scope{
		{Kind: tollgate.ScopeOrg},
		{Kind: tollgate.ScopeTeam, Name: x.Team},
		{Kind: tollgate.ScopeDeveloper, Name: x.Developer},
		{Kind: tollgate.ScopeService, Name: x.Service},
		{Kind: tollgate.ScopeKey, Name: x.Key},
	} {
		for n := range r.of[scope] {
			r.charge(&r.of[scope][n], x)
		}
	}
}

// charge adds a row to the counter of the budget that it is paid from. A budget
// counts from the window on in which it was made.
func (r *reckoning) charge(b *tollgate.Budget, x *tollgate.Exchange) {
	member, counts := b.Counts(x.Principal, tollgate.BareModel(x.Model))
	from, to := b.Period.Window(x.Time, r.rules.Zone)
	if counts && (to.IsZero() || to.After(b.CreatedAt) && to.After(r.rules.Since)) {
		r.sum(tollgate.BudgetCounter{Budget: b.ID, Member: member, Start: from, End: to, Spent: x.Cost})
	}
}

func (r *reckoning) sum(c tollgate.BudgetCounter) {
	where := accountOf(c)
	c.Spent = c.Spent.Plus(r.sums[where].Spent)
	r.sums[where] = c
}

// compare holds the counters against the rows. Those that were added since the
// slices began are in the counters too: they are taken from the same moment.
func (r *reckoning) compare(ctx context.Context) error {
	counts, err := r.Store.Counts(ctx, r.mark)
	if err != nil {
		return r.lose(ctx, err)
	}
	if counts.Zone.String() != r.rules.Zone.String() || !counts.Since.Equal(r.rules.Since) {
		r.note("What was spent from budgets was not compared, since it was counted anew meanwhile. Check again.")
		return nil
	}
	for _, c := range counts.Later {
		r.sum(c)
	}
	for _, said := range counts.Unreadable {
		r.found.add("%s", said)
	}
	r.tell(counts)
	return nil
}

// tell names what differs, of the budgets that were there all the time.
func (r *reckoning) tell(counts store.Counts) {
	there := byID(counts.Budgets)
	before := byID(r.rules.Budgets)
	for _, c := range counts.Counters {
		b := there[c.Budget]
		if b == nil {
			r.found.add("a counter says that %s were spent from the budget %q, which is not there", c.Spent, c.Budget)
		}
		if b == nil || before[c.Budget] == nil {
			continue
		}
		sum, paid := r.sums[accountOf(c)]
		delete(r.sums, accountOf(c))
		switch {
		case !paid:
			r.found.add("%s: its counter says that %s were spent %s, and no row is paid from it", told(b, c), c.Spent, span(c))
		case sum.Spent != c.Spent:
			r.found.add("%s: its counter says that %s were spent %s, and the rows add up to %s", told(b, c), c.Spent, span(c), sum.Spent)
		case !sum.End.Equal(c.End):
			r.found.add("%s: its counter is %s, and the window is %s", told(b, c), span(c), span(sum))
		}
	}
	for _, sum := range slices.SortedFunc(maps.Values(r.sums), byAccount) {
		if b := there[sum.Budget]; b != nil && before[sum.Budget] != nil {
			r.found.add("%s: there is no counter %s, and the rows add up to %s", told(b, sum), span(sum), sum.Spent)
		}
	}
}

func byID(budgets []tollgate.Budget) map[string]*tollgate.Budget {
	by := map[string]*tollgate.Budget{}
	for n := range budgets {
		by[budgets[n].ID] = &budgets[n]
	}
	return by
}

func byAccount(a, b tollgate.BudgetCounter) int {
	return cmp.Or(cmp.Compare(a.Budget, b.Budget), a.Start.Compare(b.Start), cmp.Compare(a.Member.String(), b.Member.String()))
}

// told names a budget, and the member whose counter it is.
func told(b *tollgate.Budget, c tollgate.BudgetCounter) string {
	name := fmt.Sprintf("budget %s, %s of %s", b.ID, b.Period.Adjective(), b.Scope.Phrase())
	if (c.Member == tollgate.Scope{}) {
		return name
	}
	return name + ", for " + c.Member.Phrase()
}

// span is a window inside a sentence.
func span(c tollgate.BudgetCounter) string {
	if c.Start.IsZero() && c.End.IsZero() {
		return "in all"
	}
	return fmt.Sprintf("from %s to %s", c.Start.UTC().Format(time.RFC3339), c.End.UTC().Format(time.RFC3339))
}
