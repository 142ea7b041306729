package tollgate

import (
	"math"
	"time"
)

// Enforcement says how much of a hard budget is held for a request while
// nobody knows what it will cost.
type Enforcement string

// The ways to enforce.
const (
	// EnforceExpected holds what such requests have cost lately. Spend may
	// pass the budget by what the requests under way cost beyond that.
	EnforceExpected Enforcement = "expected"
	// EnforceStrict holds the most that the request can cost. Spend does not
	// pass the budget.
	EnforceStrict Enforcement = "strict"
)

// Budget is how much money may be spent on the requests of a scope in a period.
type Budget struct {
	ID      string // "bgt_…"
	Scope   Scope
	Amount  Money // in each period, for the whole scope or for each member; 0 allows nothing
	Period  Period
	Models  []string // globs it is about; empty: all models
	Each    bool     // every member of the scope has the amount for itself
	Hard    bool     // what has no room in it is refused; a soft budget only tells
	Enforce Enforcement
	// Alerts are the percentages of the amount at which somebody is told;
	// nil: those of the configuration.
	Alerts    []int
	CreatedAt time.Time
	Raises    []Raise // oldest first, those that have ended included
}

// Raise is a sum on top of a budget's amount, for a while.
type Raise struct {
	ID        string // "rse_…"
	Member    Scope  // whom it is for, in a budget for each member; zero: all
	By        Money
	From      time.Time // when it was made
	Until     time.Time // it has ended then
	Reason    string
	CreatedBy string // the administrator
}

// NewBudgetID, NewRaiseID and NewLimitID draw ids of 71 random bits.
func NewBudgetID() string { return "bgt_" + randomBase62(keyIDLen) }

// NewRaiseID is described with NewBudgetID.
func NewRaiseID() string { return "rse_" + randomBase62(keyIDLen) }

// Counts says whether a request of this principal for this model, by its bare
// name, is paid from the budget, and for which member: the zero Scope when the
// amount is shared.
func (b *Budget) Counts(who Principal, model string) (member Scope, counted bool) {
	if !b.Scope.Covers(who) || !b.Fits(model) {
		return Scope{}, false
	}
	return b.MemberOf(who), true
}

// Fits says whether the budget is about a model, by its bare name.
func (b *Budget) Fits(model string) bool { return matchModels(b.Models, model) }

// MemberOf is the member that a principal is, within the scope; the zero Scope
// when the amount is shared.
func (b *Budget) MemberOf(who Principal) Scope {
	if !b.Each {
		return Scope{}
	}
	return b.Scope.Member(who)
}

// Limit is the amount with the raises that are in force for a member.
func (b *Budget) Limit(member Scope, at time.Time) Money {
	limit := b.Amount
	for i := range b.Raises {
		raise := &b.Raises[i]
		if (raise.Member == Scope{} || raise.Member == member) && !at.Before(raise.From) && at.Before(raise.Until) {
			limit = limit.Plus(raise.By)
		}
	}
	return limit
}

// Plus adds without passing the ends of what Money holds.
func (m Money) Plus(n Money) Money {
	sum := m + n
	switch {
	case m > 0 && n > 0 && sum < 0:
		return math.MaxInt64
	case m < 0 && n < 0 && sum >= 0:
		return math.MinInt64
	}
	return sum
}

// BudgetCounter is what has been spent from a budget in one of its windows. It
// follows from the rows of the ledger.
type BudgetCounter struct {
	Budget string // its id
	Member Scope  // zero: shared
	Start  time.Time
	End    time.Time // both zero for the total
	Spent  Money
}

// BudgetState is where a budget stands for one member, or for all who share it.
type BudgetState struct {
	Budget *Budget // nobody changes it
	Member Scope   // zero: shared
	Start  time.Time
	Reset  time.Time // both zero for the total
	Limit  Money     // the amount with what it is raised by
	Spent  Money
	Held   Money // for requests under way
	// Exposed is what would be spent if every request under way cost the most
	// that it can.
	Exposed Money
}

// Whom is the member, or the scope that shares the budget.
func (s BudgetState) Whom() Scope {
	if s.Member != (Scope{}) {
		return s.Member
	}
	return s.Budget.Scope
}

// Utilisation is the part of the limit that is spent: 1 is all of it.
func (s BudgetState) Utilisation() float64 {
	if s.Limit <= 0 {
		return 1
	}
	return float64(s.Spent) / float64(s.Limit)
}
