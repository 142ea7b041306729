package store

import (
	"context"
	"database/sql"

	"tollgate"
)

const selectRaise = "SELECT budget, id, member, by_nano_usd, from_time, until_time, reason, created_by FROM budget_raise"

// RaiseBudget puts a sum on top of a budget for a while and returns the budget
// as it is stored. One who is named must be a member of its scope who has the
// amount alone.
func (s *Store) RaiseBudget(ctx context.Context, id string, raise tollgate.Raise) (budget tollgate.Budget, err error) {
	if err := soundRaise(&raise); err != nil {
		return tollgate.Budget{}, err
	}
	err = s.amend(ctx, func(tx *sql.Tx, about *amendment) error {
		if budget, err = budgetBy(ctx, tx, id); err != nil {
			return err
		}
		before := budget
		if err := raiseReaches(ctx, tx, &budget, raise.Member); err != nil {
			return err
		}
		if err := insertRaise(ctx, tx, id, raise); err != nil {
			return err
		}
		budget, err = budgetBy(ctx, tx, id)
		*about = amendment{action: "budget.raise", object: id, before: before, after: budget}
		return err
	})
	if err != nil {
		return tollgate.Budget{}, err
	}
	return budget, nil
}

// soundRaise is Invalid for what would raise nothing.
func soundRaise(r *tollgate.Raise) error {
	switch {
	case r.By <= 0:
		return tollgate.Errorf(tollgate.Invalid, "a raise by %s raises nothing; give a sum above 0", r.By)
	case micros(r.Until) <= micros(r.From):
		return tollgate.Errorf(tollgate.Invalid, "the raise would have ended before it begins; give a later end")
	}
	return nil
}

// raiseReaches makes sure that the budget has such a member, if it is for one.
func raiseReaches(ctx context.Context, from querier, b *tollgate.Budget, member tollgate.Scope) error {
	if (member == tollgate.Scope{}) {
		return nil
	}
	if !b.Each {
		return tollgate.Errorf(tollgate.Invalid, "budget %q is shared by all of %s, so it cannot be raised for one; raise it without a member", b.ID, b.Scope.Phrase())
	}
	if err := scopeThere(ctx, from, member); err != nil {
		return err
	}
	who := tollgate.Principal{}
	switch member.Kind {
	case tollgate.ScopeDeveloper:
		who.Developer = member.Name
	case tollgate.ScopeService:
		who.Service = member.Name
	case tollgate.ScopeKey:
		key, err := keyBy(ctx, from, member.Name)
		if err != nil {
			return err
		}
		who = key.Principal()
	}
	if b.Scope.Member(who) != member || member.Kind == tollgate.ScopeKey && !b.Scope.Covers(who) {
		return tollgate.Errorf(tollgate.Invalid, "%s has no amount of its own in budget %q of %s; name one who has: a developer or a service account of the organisation or the team, a key of the developer or the service account", member.Phrase(), b.ID, b.Scope.Phrase())
	}
	return nil
}

func insertRaise(ctx context.Context, tx *sql.Tx, budget string, r tollgate.Raise) error {
	_, err := tx.ExecContext(ctx, `
		INSERT INTO budget_raise (id, budget, member, by_nano_usd, from_time, until_time, reason, created_by)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		r.ID, budget, r.Member.String(), int64(r.By), micros(r.From), micros(r.Until), r.Reason, r.CreatedBy)
	switch violated(err) {
	case duplicate:
		return tollgate.Errorf(tollgate.Conflict, "raise %q exists already", r.ID)
	case malformed:
		return tollgate.Errorf(tollgate.Invalid, "a raise needs an id")
	}
	return err
}

// raiseOf is a raise and the id of the budget it is for.
type raiseOf struct {
	budget string
	tollgate.Raise
}

func scanRaise(row scanner) (r raiseOf, err error) {
	var member string
	var from, until int64
	if err := row.Scan(&r.budget, &r.ID, &member, &r.By, &from, &until, &r.Reason, &r.CreatedBy); err != nil {
		return r, err
	}
	r.Member, r.From, r.Until = scopeOf(member), moment(from), moment(until)
	return r, nil
}
