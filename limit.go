package tollgate

import "time"

// Limit is how fast the requests of a scope may come. A figure of 0 limits
// nothing. The figures for tokens and requests are per minute, refill
// continuously and may be used up at once.
type Limit struct {
	ID     string // "lim_…"
	Scope  Scope
	Models []string // globs it is about; empty: all models
	Each   bool     // every member of the scope has the figures for itself

	RequestsPerMinute     int64 // without those to count_tokens
	InputTokensPerMinute  int64 // without what is read from a cache
	OutputTokensPerMinute int64
	Concurrent            int64 // requests under way, without those to count_tokens
	CountTokensPerMinute  int64 // requests to count_tokens, which no other figure limits

	CreatedAt time.Time
}

// NewLimitID is described with NewBudgetID.
func NewLimitID() string { return "lim_" + randomBase62(keyIDLen) }

// Counts says whether the limit is about a request of this principal for this
// model, by its bare name, and for which member: the zero Scope when the
// figures are shared.
func (l *Limit) Counts(who Principal, model string) (member Scope, counted bool) {
	if !l.Scope.Covers(who) || !matchModels(l.Models, model) {
		return Scope{}, false
	}
	if l.Each {
		member = l.Scope.Member(who)
	}
	return member, true
}
