package store

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/hex"
	"slices"
	"time"

	"tollgate"
)

const selectKey = `
	SELECT id, coalesce(developer, ''), coalesce(service, ''), team, label, style, models,
	       created_at, expires_at, revoked_at, last_used_at, lifetime
	FROM gateway_key`

// CreateKey adds a key with its secrets and returns it as it is stored. A
// developer must be there; a service is brought into being. A key without a
// team takes its owner's.
func (s *Store) CreateKey(ctx context.Context, key tollgate.Key) (stored tollgate.Key, err error) {
	err = s.amend(ctx, func(tx *sql.Tx, about *amendment) error {
		stored = key
		err := addKey(ctx, tx, &stored)
		*about = amendment{action: "key.create", object: key.ID, after: stored}
		return err
	})
	if err != nil {
		return tollgate.Key{}, err
	}
	return stored, nil
}

// addKey adds a key with its secrets, which is then as it is stored.
func addKey(ctx context.Context, tx *sql.Tx, key *tollgate.Key) error {
	if err := placeKey(ctx, tx, key); err != nil {
		return err
	}
	if err := insertKey(ctx, tx, *key); err != nil {
		return err
	}
	if err := insertSecrets(ctx, tx, *key); err != nil {
		return err
	}
	stored, err := keyBy(ctx, tx, key.ID)
	*key = stored
	return err
}

// placeKey makes sure that owner and team of a new key are there.
func placeKey(ctx context.Context, tx *sql.Tx, key *tollgate.Key) error {
	if (key.Developer == "") == (key.Service == "") {
		return tollgate.Errorf(tollgate.Invalid, "a key is either a developer's or a service's; name one of them")
	}
	team := ""
	if key.Service != "" {
		service, err := serviceFor(ctx, tx, key.Service, key.Team)
		if err != nil {
			return err
		}
		team = service.Team
	} else {
		developer, err := developerBy(ctx, tx, key.Developer, lacksDeveloper(key.Developer))
		if err != nil {
			return err
		}
		team = developer.Team
	}
	if key.Team == "" {
		key.Team = team
	}
	if key.Team == team {
		return nil
	}
	_, err := findOne(ctx, tx, lacksTeam(key.Team), scanTeam, "SELECT name FROM team WHERE name = ?", key.Team)
	return err
}

func insertKey(ctx context.Context, tx *sql.Tx, key tollgate.Key) error {
	const insert = `
		INSERT INTO gateway_key (id, developer, service, team, label, style, models, created_at, expires_at, revoked_at, last_used_at, lifetime)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	_, err := tx.ExecContext(ctx, insert, key.ID, orNull(key.Developer), orNull(key.Service), key.Team, key.Label, string(key.Style), jsonList(key.Models),
		micros(key.CreatedAt), micros(key.ExpiresAt), micros(key.RevokedAt), micros(key.LastUsedAt), key.Lifetime.Microseconds())
	switch violated(err) {
	case duplicate:
		return tollgate.Errorf(tollgate.Conflict, "key %q exists already", key.ID)
	case malformed:
		return tollgate.Errorf(tollgate.Invalid, "a key needs an id")
	}
	return err
}

func insertSecrets(ctx context.Context, tx *sql.Tx, key tollgate.Key) error {
	for position, secret := range key.Secrets {
		_, err := tx.ExecContext(ctx, "INSERT INTO gateway_key_secret (hash, key_id, position, expires_at) VALUES (?, ?, ?, ?)",
			hex.EncodeToString(secret.Hash), key.ID, position, micros(secret.ExpiresAt))
		switch violated(err) {
		case duplicate:
			return tollgate.Errorf(tollgate.Conflict, "a secret of key %q opens another key already; draw a new one", key.ID)
		case malformed:
			return tollgate.Errorf(tollgate.Invalid, "a secret of key %q has no hash", key.ID)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Key looks one key up by its public id.
func (s *Store) Key(ctx context.Context, id string) (tollgate.Key, error) {
	return keyBy(ctx, s.read, id)
}

func keyBy(ctx context.Context, from querier, id string) (tollgate.Key, error) {
	keys, err := keysWhere(ctx, from, "id = ?", id)
	if err == nil && len(keys) == 0 {
		err = tollgate.Errorf(tollgate.NotFound, "there is no key %q; tollgate key list shows the ones there are", id)
	}
	if err != nil {
		return tollgate.Key{}, err
	}
	return keys[0], nil
}

// Keys lists the keys that the filter lets through, revoked ones included,
// oldest first.
func (s *Store) Keys(ctx context.Context, filter tollgate.KeyFilter) ([]tollgate.Key, error) {
	return keysWhere(ctx, s.read, "(? = '' OR developer = ?) AND (? = '' OR service = ?) AND (? = '' OR team = ?)",
		filter.Developer, filter.Developer, filter.Service, filter.Service, filter.Team, filter.Team)
}

// keysWhere selects keys with their secrets: two questions, whatever their
// number. The condition is ours, never a user's.
func keysWhere(ctx context.Context, from querier, condition string, args ...any) ([]tollgate.Key, error) {
	keys, err := find(ctx, from, scanKey, selectKey+" WHERE "+condition+" ORDER BY created_at, id", args...)
	if err != nil {
		return nil, err
	}
	secrets, err := find(ctx, from, scanSecret, `
		SELECT key_id, hash, expires_at FROM gateway_key_secret
		WHERE key_id IN (SELECT id FROM gateway_key WHERE `+condition+`) ORDER BY key_id, position`, args...)
	if err != nil {
		return nil, err
	}
	of := map[string][]tollgate.KeySecret{}
	for _, secret := range secrets {
		of[secret.key] = append(of[secret.key], secret.KeySecret)
	}
	for i := range keys {
		keys[i].Secrets = of[keys[i].ID]
	}
	return keys, nil
}

// UpdateKey reads a key, lets change alter it and keeps the result, in one
// transaction. Label, models, team, expiry, revocation and secrets may change;
// id, owner, style and creation may not, and the last use is TouchKeys' business.
// What change returns other than nil is returned as it is, and nothing is kept.
func (s *Store) UpdateKey(ctx context.Context, id string, change func(*tollgate.Key) error) (key tollgate.Key, err error) {
	err = s.amend(ctx, func(tx *sql.Tx, about *amendment) error {
		before, err := keyBy(ctx, tx, id)
		if err != nil {
			return err
		}
		key = before
		key.Secrets = slices.Clone(before.Secrets)
		if err := change(&key); err != nil {
			return err
		}
		*about = amendment{action: actionOn(before, key), object: id, before: before, after: key}
		return keepKey(ctx, tx, id, key)
	})
	if err != nil {
		return tollgate.Key{}, err
	}
	return key, nil
}

// actionOn is what has been done to a key.
func actionOn(before, after tollgate.Key) tollgate.AuditAction {
	switch {
	case before.RevokedAt.IsZero() && !after.RevokedAt.IsZero():
		return "key.revoke"
	case len(after.Secrets) > 0 && (len(before.Secrets) == 0 || !bytes.Equal(before.Secrets[0].Hash, after.Secrets[0].Hash)):
		return "key.rotate"
	}
	return "key.change"
}

// keepKey writes what may change of a key.
func keepKey(ctx context.Context, tx *sql.Tx, id string, key tollgate.Key) error {
	_, err := tx.ExecContext(ctx, "UPDATE gateway_key SET team = ?, label = ?, models = ?, expires_at = ?, revoked_at = ? WHERE id = ?",
		key.Team, key.Label, jsonList(key.Models), micros(key.ExpiresAt), micros(key.RevokedAt), id)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, "DELETE FROM gateway_key_secret WHERE key_id = ?", id); err != nil {
		return err
	}
	return insertSecrets(ctx, tx, key)
}

// revokeKeysOf revokes a developer's keys that are in force and returns them.
func revokeKeysOf(ctx context.Context, tx *sql.Tx, email string, at time.Time) ([]tollgate.Key, error) {
	keys, err := keysWhere(ctx, tx, "developer = ? AND revoked_at = 0", email)
	if err != nil {
		return nil, err
	}
	for i := range keys {
		keys[i].RevokedAt = moment(micros(at))
	}
	_, err = tx.ExecContext(ctx, "UPDATE gateway_key SET revoked_at = ? WHERE developer = ? AND revoked_at = 0", micros(at), email)
	return keys, err
}

// TouchKeys moves the last use of keys forward, never back. Ids that are not
// in the register are ignored.
func (s *Store) TouchKeys(ctx context.Context, used map[string]time.Time) error {
	if len(used) == 0 {
		return nil
	}
	return s.change(ctx, func(tx *sql.Tx) error {
		for id, at := range used {
			_, err := tx.ExecContext(ctx, "UPDATE gateway_key SET last_used_at = ? WHERE id = ? AND last_used_at < ?", micros(at), id, micros(at))
			if err != nil {
				return err
			}
		}
		return nil
	})
}

func scanKey(row scanner) (key tollgate.Key, err error) {
	var models string
	var created, expires, revoked, used, lifetime int64
	err = row.Scan(&key.ID, &key.Developer, &key.Service, &key.Team, &key.Label, &key.Style, &models, &created, &expires, &revoked, &used, &lifetime)
	if err != nil {
		return key, err
	}
	key.CreatedAt, key.ExpiresAt, key.RevokedAt, key.LastUsedAt = moment(created), moment(expires), moment(revoked), moment(used)
	key.Lifetime = time.Duration(lifetime) * time.Microsecond
	return key, fromJSON(models, &key.Models)
}

// keyedSecret is a secret and the id of the key it opens.
type keyedSecret struct {
	key string
	tollgate.KeySecret
}

func scanSecret(row scanner) (secret keyedSecret, err error) {
	var hash string
	var expires int64
	if err := row.Scan(&secret.key, &hash, &expires); err != nil {
		return secret, err
	}
	secret.ExpiresAt = moment(expires)
	secret.Hash, err = hex.DecodeString(hash)
	return secret, err
}
