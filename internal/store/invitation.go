package store

import (
	"context"
	"crypto/hmac"
	"database/sql"
	"encoding/hex"
	"time"

	"tollgate"
)

const selectInvitation = `
	SELECT id, developer, label, style, models, lifetime, hash, created_at, created_by, expires_at, used_at, key_id
	FROM invitation`

// invitationNote is an invitation as the audit log has it.
type invitationNote struct {
	ID        string   `json:"id"`
	Person    string   `json:"person"`
	Style     string   `json:"style,omitempty"`
	Models    []string `json:"models,omitempty"`
	Lifetime  string   `json:"lifetime,omitempty"`
	ExpiresAt string   `json:"expires_at"`
}

func noteInvitation(ctx context.Context, tx *sql.Tx, i tollgate.Invitation) (note invitationNote, err error) {
	note = invitationNote{ID: i.ID, Style: string(i.Style), Models: i.Models, ExpiresAt: noteTime(i.ExpiresAt)}
	if i.Lifetime > 0 {
		note.Lifetime = i.Lifetime.String()
	}
	note.Person, err = personOf(ctx, tx, i.Developer)
	return note, err
}

// AddInvitation adds an invitation for a developer who is there.
func (s *Store) AddInvitation(ctx context.Context, i tollgate.Invitation) error {
	const insert = `
		INSERT INTO invitation (id, developer, label, style, models, lifetime, hash, created_at, created_by, expires_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	return s.amend(ctx, func(tx *sql.Tx, about *amendment) error {
		*about = amendment{action: "key.invite", object: i.ID, after: i}
		if _, err := developerBy(ctx, tx, i.Developer, lacksDeveloper(i.Developer)); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, insert, i.ID, i.Developer, i.Label, string(i.Style), jsonList(i.Models), i.Lifetime.Microseconds(),
			hex.EncodeToString(i.Hash), micros(i.CreatedAt), i.CreatedBy, micros(i.ExpiresAt))
		return err
	})
}

// Invitations are all, the newest first.
func (s *Store) Invitations(ctx context.Context) ([]tollgate.Invitation, error) {
	return find(ctx, s.read, scanInvitation, selectInvitation+" ORDER BY created_at DESC, id")
}

// WithdrawInvitation removes one that was not used, and returns it.
func (s *Store) WithdrawInvitation(ctx context.Context, id string) (i tollgate.Invitation, err error) {
	missing := tollgate.Errorf(tollgate.NotFound, "there is no invitation %q that is still open; tollgate key invitations shows the ones there are", id)
	err = s.amend(ctx, func(tx *sql.Tx, about *amendment) error {
		if i, err = findOne(ctx, tx, missing, scanInvitation, selectInvitation+" WHERE id = ? AND used_at = 0", id); err != nil {
			return err
		}
		*about = amendment{action: "key.uninvite", object: id, before: i}
		_, err := tx.ExecContext(ctx, "DELETE FROM invitation WHERE id = ?", id)
		return err
	})
	return i, err
}

// ErrInvitation is all that a stranger is told of a code that opens nothing.
var ErrInvitation = tollgate.Errorf(tollgate.Unauthenticated,
	"this invitation opens nothing: it is wrong, was used already, has run out or was withdrawn; ask your administrator for a new one")

// Redeem exchanges an invitation for a key, once: of several who come at the same
// time one gets it. draw makes the key's id and secret, and nothing else of it.
func (s *Store) Redeem(ctx context.Context, id string, hash []byte, at time.Time, drawn tollgate.Key) (key tollgate.Key, err error) {
	err = s.amend(ctx, func(tx *sql.Tx, about *amendment) error {
		i, err := findOne(ctx, tx, ErrInvitation, scanInvitation, selectInvitation+" WHERE id = ?", id)
		if err != nil {
			return err
		}
		if !hmac.Equal(i.Hash, hash) || !i.UsedAt.IsZero() || !at.Before(i.ExpiresAt) {
			return ErrInvitation
		}
		key = drawn
		key.Developer, key.Label, key.Style, key.Models, key.Lifetime, key.CreatedAt = i.Developer, i.Label, i.Style, i.Models, i.Lifetime, at
		if key.Lifetime > 0 {
			key.ExpiresAt = at.Add(key.Lifetime)
		}
		if err := addKey(ctx, tx, &key); err != nil {
			if tollgate.IsKind(err, tollgate.NotFound) { // the developer was removed
				return ErrInvitation
			}
			return err
		}
		*about = amendment{action: "key.enroll", object: key.ID, after: key}
		_, err = tx.ExecContext(ctx, "UPDATE invitation SET used_at = ?, key_id = ? WHERE id = ?", micros(at), key.ID, id)
		return err
	})
	if err != nil {
		return tollgate.Key{}, err
	}
	return key, nil
}

func scanInvitation(row scanner) (i tollgate.Invitation, err error) {
	var models, hash string
	var lifetime int64
	err = row.Scan(&i.ID, &i.Developer, &i.Label, &i.Style, &models, &lifetime, &hash,
		(*instant)(&i.CreatedAt), &i.CreatedBy, (*instant)(&i.ExpiresAt), (*instant)(&i.UsedAt), &i.Key)
	if err != nil {
		return i, err
	}
	i.Lifetime = time.Duration(lifetime) * time.Microsecond
	if i.Hash, err = hex.DecodeString(hash); err != nil {
		return i, err
	}
	return i, fromJSON(models, &i.Models)
}
