package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"tollgate"
)

// amendment is what a change of the register is about, for the audit log. Before
// and after are nouns of the register or nil.
type amendment struct {
	action        tollgate.AuditAction
	object        string
	before, after any
	about         any // more of it, as the audit log has it
}

// amend is change for what somebody decides: the audit log has it with who, what
// was before and what is after, in the same transaction. do fills in what it is
// about; who, the context says.
func (s *Store) amend(ctx context.Context, do func(tx *sql.Tx, about *amendment) error) error {
	return s.change(ctx, func(tx *sql.Tx) error {
		var about amendment
		if err := do(tx, &about); err != nil || s.chain.id == 0 {
			return err
		}
		event := tollgate.AuditEvent{Time: time.Now(), Action: about.action, Actor: tollgate.ActorOf(ctx), Outcome: "done"}
		var err error
		if event.Object, err = pseudonymous(ctx, tx, about.object); err != nil {
			return err
		}
		if event.Before, err = describe(ctx, tx, about.before); err != nil {
			return err
		}
		if event.After, err = describe(ctx, tx, about.after); err != nil {
			return err
		}
		if about.about != nil {
			if event.About, err = json.Marshal(about.about); err != nil {
				return err
			}
		}
		return s.note(ctx, tx, event)
	})
}

// describe is a noun as the audit log has it: without secrets, and without the
// names and addresses of people.
func describe(ctx context.Context, tx *sql.Tx, noun any) (json.RawMessage, error) {
	var said any
	var err error
	switch n := noun.(type) {
	case nil:
		return nil, nil
	case tollgate.Team:
		said = teamNote{n.Name}
	case tollgate.Developer:
		said, err = noteDeveloper(ctx, tx, n)
	case tollgate.Key:
		said, err = noteKey(ctx, tx, n)
	case tollgate.Invitation:
		said, err = noteInvitation(ctx, tx, n)
	case []tollgate.Key:
		said = noteRevoked(n)
	case tollgate.Budget:
		said, err = noteBudget(ctx, tx, n)
	case tollgate.Limit:
		said, err = noteLimit(ctx, tx, n)
	case tollgate.Hold:
		var scope string
		scope, err = pseudonymous(ctx, tx, n.Scope.String())
		said = holdNote{n.ID, scope, n.Reason}
	}
	if err != nil {
		return nil, err
	}
	return json.Marshal(said)
}

// pseudonymous puts the pseudonym in the place of a developer's address, be it
// alone or in a scope.
func pseudonymous(ctx context.Context, tx *sql.Tx, text string) (string, error) {
	scope := scopeOf(text)
	switch {
	case scope.Kind == tollgate.ScopeDeveloper:
		id, err := personOf(ctx, tx, scope.Name)
		return tollgate.Scope{Kind: scope.Kind, Name: id}.String(), err
	case isAddress(text):
		return personOf(ctx, tx, text)
	}
	return text, nil
}
