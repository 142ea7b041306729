package proxy

import (
	"context"
	"errors"
	"net/http"

	"tollgate"
	"tollgate/internal/dialect/messages"
	"tollgate/internal/jsonedit"
	"tollgate/internal/policy/budget"
	"tollgate/internal/policy/limit"
	"tollgate/internal/policy/recent"
)

// errUnpriced is the cause of a refusal that an operator has to hear of.
var errUnpriced = errors.New("there is no price for the model at that upstream")

// admit passes the gates: is this key allowed the model, can it be priced, does
// it come slowly enough, is there money for it. What they grant is granted by
// all of them or by none.
func (p *Proxy) admit(s *Snapshot, call tollgate.Call, body *jsonedit.Object, targets []tollgate.Target, x *tollgate.Exchange, granted *admission) error {
	if err := s.allow(x, call, body, targets); err != nil {
		return err
	}
	model := tollgate.BareModel(call.Model)
	expected, known := p.Recent.Expect(x.Session, x.Key, model)
	rate, err := p.Limits.Admit(limit.Ask{
		Who: x.Principal, Model: model, Operation: call.Operation, Input: expected.Input, Output: expected.Output,
	})
	if err != nil {
		return err
	}
	granted.rate = rate
	if call.Operation != tollgate.Messages || x.Credential == tollgate.Subscription {
		return nil
	}
	ask := budget.Ask{ID: x.ID, Who: x.Principal, Model: model, At: x.Time, Expected: expected.Cost, Most: expected.Cost}
	if p.Budgets.Concern(x.Principal) {
		ask.Most = s.most(call, body, targets, x)
		if !known {
			ask.Expected = s.guess(call, body, targets, x)
		}
	}
	granted.hold, err = p.Budgets.Admit(ask) // in any case: a budget may come while the request is under way
	x.Held, x.Most, x.Likely = granted.hold.Amount(), granted.hold.Most(), granted.hold.Likely()
	return err
}

// allow asks whether the key may use what the request names, and whether that
// has a price.
func (s *Snapshot) allow(x *tollgate.Exchange, call tollgate.Call, body *jsonedit.Object, targets []tollgate.Target) error {
	if err := s.Access.Admit(x.Principal, call.Model); err != nil {
		return err
	}
	if s.Access.Limits(x.Principal) {
		for other := range messages.OtherModels(body) {
			if err := s.Access.Admit(x.Principal, other); err != nil {
				return err
			}
		}
	}
	for _, target := range targets {
		if !s.AdmitUnpriced && x.Credential == "" && !s.Book.Knows(target.Upstream, call.Model, x.Time) {
			return tollgate.Errorf(tollgate.NotFound,
				"model %.100q has no price in this gateway's price book, and what it cannot price it does not serve; ask your administrator to add it to prices.overrides", call.Model).Because(errUnpriced)
		}
	}
	return nil
}

// admission is what the gates have granted a request. It ends with settle,
// however the request ends. The zero admission is of one that never came so far.
type admission struct {
	pass pass
	rate limit.Grant
	hold budget.Hold
	kept Kept // its bodies; nil: nothing of them

	abandoned int // attempts that are held for beside the one under way
}

// again is asked before each attempt. When the one before it may be billed,
// there must be money for both. A request that has been sent cannot be passed on any
// more: its client asks again.
func (p *Proxy) again(ctx context.Context, abandoned int, x *tollgate.Exchange, granted *admission) error {
	if abandoned == granted.abandoned {
		return nil
	}
	granted.abandoned = abandoned
	heir, err := p.turnstile.enter(&granted.pass, ctx, p.Running)
	switch {
	case err != nil:
		return err
	case heir != nil:
		return errStopping
	}
	err = granted.hold.Again()
	x.Held, x.Most, x.Likely = granted.hold.Amount(), granted.hold.Most(), granted.hold.Likely()
	return err
}

// tell shows the caller where the fullest of his budgets stands.
func (a *admission) tell(to http.Header, status int) {
	if status != http.StatusOK {
		return
	}
	if state, found := a.hold.Fullest(); found {
		messages.Utilisation(to, state)
	}
}

// settle replaces what was granted by what the request came to.
func (a *admission) settle(x *tollgate.Exchange) {
	a.pass.leave()
	a.hold.Settle(x.Cost)
	if x.Upstream == "" {
		a.rate.Cancel()
		return
	}
	a.rate.Settle(x.Usage.Tokens)
}

// learn remembers what a request has consumed, if it came to its end.
func (p *Proxy) learn(x *tollgate.Exchange) {
	if sample, ended := recent.SampleOf(x); ended {
		p.Recent.Learn(x.Session, x.Key, tollgate.BareModel(x.Model), sample)
	}
}
