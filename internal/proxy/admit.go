package proxy

import (
	"errors"
	"time"

	"tollgate"
	"tollgate/internal/dialect/messages"
)

// errUnpriced is the cause of a refusal that an operator has to hear of.
var errUnpriced = errors.New("there is no price for the model at that upstream")

// admit passes the gates: is this key allowed the model, and can it be priced.
func (s *Snapshot) admit(who tollgate.Principal, call tollgate.Call, body []byte, targets []tollgate.Target, at time.Time) error {
	if err := s.Access.Admit(who, call.Model); err != nil {
		return err
	}
	if s.Access.Limits(who) {
		for other := range messages.OtherModels(body) {
			if err := s.Access.Admit(who, other); err != nil {
				return err
			}
		}
	}
	for _, target := range targets {
		if !s.AdmitUnpriced && !s.Book.Knows(target.Upstream, call.Model, at) {
			return tollgate.Errorf(tollgate.NotFound,
				"model %.100q has no price in this gateway's price book, and what it cannot price it does not serve; ask your administrator to add it to prices.overrides", call.Model).Because(errUnpriced)
		}
	}
	return nil
}
