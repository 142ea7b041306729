package admin

import (
	"context"

	"tollgate"
	"tollgate/api"
)

// SetLimit says how fast the requests of a scope may come. A limit that is
// there already for the same takes the figures, all of them. What it answers is
// in force.
func (s *Service) SetLimit(ctx context.Context, caller Caller, input api.NewLimit) (tollgate.Limit, error) {
	if err := s.authorize(caller, setLimit); err != nil {
		return tollgate.Limit{}, err
	}
	limit, err := s.draftLimit(input)
	if err != nil {
		return tollgate.Limit{}, err
	}
	ctx = context.WithoutCancel(ctx)
	stored, err := s.register.SetLimit(ctx, limit)
	if s.noted(ctx, caller, setLimit, stored.ID, err, describeLimit(stored)...) != nil {
		return tollgate.Limit{}, err
	}
	return stored, s.limits.changed(ctx, "limit "+stored.ID+" is stored")
}

// draftLimit is the limit that is asked for. Whether its scope is there is for
// the register to say.
func (s *Service) draftLimit(input api.NewLimit) (tollgate.Limit, error) {
	limit := tollgate.Limit{ID: tollgate.NewLimitID(), Each: input.Each, CreatedAt: s.now()}
	err := firstError(
		func() (err error) { limit.Scope, err = parseScope(input.Scope); return err },
		func() error { return checkEach(limit.Scope, limit.Each) },
		func() (err error) { limit.Models, err = modelSet(input.Models); return err },
		func() error { return takeFigures(&limit, input) },
	)
	return limit, err
}

// maxFigure keeps what is made of a figure far from overflow.
const maxFigure = 1_000_000_000_000

// takeFigures copies what was set, of which there has to be something.
func takeFigures(limit *tollgate.Limit, input api.NewLimit) error {
	asked := []*int64{
		input.RequestsPerMinute, input.InputTokensPerMinute, input.OutputTokensPerMinute, input.Concurrent, input.CountTokensPerMinute,
	}
	some := false
	for i, taken := range figures(limit) {
		if asked[i] == nil {
			continue
		}
		if *asked[i] < 1 || *asked[i] > maxFigure {
			return tollgate.Errorf(tollgate.Invalid, "%s is from 1 to %d, not %d; what is left out is not limited", taken.name, maxFigure, *asked[i])
		}
		*taken.value, some = *asked[i], true
	}
	if !some {
		return tollgate.Errorf(tollgate.Invalid,
			"a limit needs a figure: requests_per_minute, input_tokens_per_minute, output_tokens_per_minute, concurrent or count_tokens_per_minute")
	}
	return nil
}

// Limit looks one limit up.
func (s *Service) Limit(ctx context.Context, caller Caller, id string) (tollgate.Limit, error) {
	if err := s.authorize(caller, readLimit); err != nil {
		return tollgate.Limit{}, err
	}
	return s.register.Limit(ctx, id)
}

// Limits lists all limits.
func (s *Service) Limits(ctx context.Context, caller Caller) ([]tollgate.Limit, error) {
	if err := s.authorize(caller, readLimit); err != nil {
		return nil, err
	}
	return s.register.Limits(ctx)
}

// RemoveLimit takes a limit away.
func (s *Service) RemoveLimit(ctx context.Context, caller Caller, id string) error {
	if err := s.authorize(caller, removeLimit); err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	limit, err := s.register.Limit(ctx, id)
	if err == nil {
		err = s.register.RemoveLimit(ctx, id)
	}
	if s.noted(ctx, caller, removeLimit, id, err, describeLimit(limit)...) != nil {
		return err
	}
	return s.limits.changed(ctx, "limit "+id+" is removed")
}

// describeLimit is what the log says of a limit beside its id.
func describeLimit(limit tollgate.Limit) []any {
	about := []any{"scope", limit.Scope.String(), "each", limit.Each}
	for _, each := range figures(&limit) {
		if *each.value != 0 {
			about = append(about, each.name, *each.value)
		}
	}
	return about
}

// figure is one of a limit's, by its name on the wire.
type figure struct {
	name  string
	value *int64
}

func figures(limit *tollgate.Limit) []figure {
	return []figure{
		{"requests_per_minute", &limit.RequestsPerMinute},
		{"input_tokens_per_minute", &limit.InputTokensPerMinute},
		{"output_tokens_per_minute", &limit.OutputTokensPerMinute},
		{"concurrent", &limit.Concurrent},
		{"count_tokens_per_minute", &limit.CountTokensPerMinute},
	}
}
