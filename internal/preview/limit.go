package preview

import (
	"tollgate"
	"tollgate/internal/policy/limit"
	"tollgate/internal/policy/recent"
)

// limitTrial is a limit on trial.
type limitTrial struct {
	tollgate.Limit
	limiter *limit.Limiter
}

func newLimitTrial(l tollgate.Limit, clock *clock) *limitTrial {
	t := &limitTrial{l, limit.New(clock.now)}
	t.limiter.Load([]tollgate.Limit{l})
	return t
}

func (t *limitTrial) scope() tollgate.Scope { return t.Scope }

func (t *limitTrial) counts(who tollgate.Principal, model string) bool {
	_, counted := t.Counts(who, model)
	return counted
}

// meets: counting tokens has a figure of its own, which no other request meets.
func (t *limitTrial) meets(x *tollgate.Exchange) bool {
	if x.Operation == tollgate.CountTokens {
		return t.CountTokensPerMinute > 0
	}
	return t.RequestsPerMinute > 0 || t.InputTokensPerMinute > 0 || t.OutputTokensPerMinute > 0 || t.Concurrent > 0
}

func (t *limitTrial) admit(x *tollgate.Exchange, expected recent.Sample, _ bool) (func(), error) {
	grant, err := t.limiter.Admit(limit.Ask{
		Who: x.Principal, Model: tollgate.BareModel(x.Model), Operation: x.Operation, Input: expected.Input, Output: expected.Output,
	})
	return func() { grant.Settle(x.Usage.Tokens) }, err
}

func (t *limitTrial) notes(refused int64) []string {
	if refused == 0 {
		return nil
	}
	return []string{"A client that is refused for its pace waits and asks again by itself, so most of these requests would have come a little later and cost the same. Here each one is refused once, and does not come again."}
}
