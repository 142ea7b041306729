package admin

import (
	"context"
	"time"

	"tollgate"
	"tollgate/api"
)

// RaiseBudget puts a sum on top of a budget's amount, until it ends by itself.
// What it answers is in force.
func (s *Service) RaiseBudget(ctx context.Context, caller Caller, id string, input api.NewRaise) (Account, error) {
	if err := s.authorize(caller, raiseBudget); err != nil {
		return Account{}, err
	}
	raise, err := s.draftRaise(caller, input)
	if err != nil {
		return Account{}, err
	}
	ctx = context.WithoutCancel(ctx)
	stored, err := s.register.RaiseBudget(ctx, id, raise)
	if s.noted(ctx, caller, raiseBudget, id, err, describeRaise(stored, raise)...) != nil {
		return Account{}, err
	}
	return s.inForce(ctx, stored, "raise "+raise.ID+" of budget "+id+" is stored")
}

// draftRaise is the raise that is asked for. Whether the budget has such a
// member is for the register to say.
func (s *Service) draftRaise(caller Caller, input api.NewRaise) (tollgate.Raise, error) {
	raise := tollgate.Raise{
		ID: tollgate.NewRaiseID(), By: tollgate.Money(input.ByNanoUSD), From: s.now(), Reason: input.Reason, CreatedBy: caller.Name,
	}
	err := firstError(
		func() error { return checkReason(raise.Reason) },
		func() (err error) { raise.Until, err = s.raiseEnd(input.Until, raise.From); return err },
		func() (err error) { raise.Member, err = raiseMember(input.Member); return err },
	)
	return raise, err
}

func checkReason(reason string) error {
	if reason == "" {
		return tollgate.Errorf(tollgate.Invalid, "a raise needs a reason, for those who look at it later")
	}
	return checkText("a reason", reason)
}

// raiseEnd is when the raise ends.
func (s *Service) raiseEnd(text string, now time.Time) (time.Time, error) {
	until, err := parseTime(text, now, s.zone, forward)
	if err == nil && !until.After(now) {
		err = tollgate.Errorf(tollgate.Invalid, "the raise would have ended at %s, before it was made; name a later time", until.UTC().Format(time.RFC3339))
	}
	return until, err
}

// raiseMember is whom the raise is for: the zero Scope when that is all.
func raiseMember(text string) (tollgate.Scope, error) {
	if text == "" {
		return tollgate.Scope{}, nil
	}
	return parseScope(text)
}

// describeRaise is what the log says of a raise beside the budget's id.
func describeRaise(budget tollgate.Budget, raise tollgate.Raise) []any {
	about := []any{"scope", budget.Scope.String(), "raise", raise.ID, "by", raise.By.String(), "until", raise.Until.UTC(), "reason", raise.Reason}
	if raise.Member != (tollgate.Scope{}) {
		about = append(about, "member", raise.Member.String())
	}
	return about
}
