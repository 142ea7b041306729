package store

import (
	"context"
	"database/sql"
	"time"

	"tollgate"
)

// exchangeNote is what the audit log has of an exchange beside the key.
type exchangeNote struct {
	Issuer  string `json:"issuer"`
	Subject string `json:"subject"`
	Token   string `json:"token,omitempty"`
}

// ExchangeToken adds a key that a pipeline gets for its token, and remembers the
// token, durably and in one. It is ErrExchanged when the token has had its key;
// otherwise it is refused as in CreateKey.
func (s *Store) ExchangeToken(ctx context.Context, token tollgate.SubjectToken, key tollgate.Key) (stored tollgate.Key, err error) {
	err = s.amend(ctx, func(tx *sql.Tx, about *amendment) error {
		if err := takeToken(ctx, tx, token); err != nil {
			return err
		}
		if err := placeKey(ctx, tx, &key); err != nil {
			return err
		}
		if err := insertKey(ctx, tx, key); err != nil {
			return err
		}
		if err := insertSecrets(ctx, tx, key); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "UPDATE gateway_key SET exchanged = 1 WHERE id = ?", key.ID); err != nil {
			return err
		}
		stored, err = keyBy(ctx, tx, key.ID)
		*about = amendment{action: "key.exchange", object: key.ID, after: stored, about: exchangeNote{token.Issuer, token.Subject, token.Digest}}
		return err
	})
	if err != nil {
		return tollgate.Key{}, err
	}
	return stored, nil
}

// takeToken notes that a token has had its key, once.
func takeToken(ctx context.Context, tx *sql.Tx, token tollgate.SubjectToken) error {
	if token.Digest == "" {
		return nil
	}
	taken, err := count(tx.ExecContext(ctx, "INSERT INTO exchanged_token (digest, expires_at) VALUES (?, ?) ON CONFLICT (digest) DO NOTHING", token.Digest, micros(token.ExpiresAt)))
	if err == nil && taken == 0 {
		return tollgate.ErrExchanged
	}
	return err
}

// pruneAtOnce is how many keys are removed in one go, so that nobody who writes
// waits for long.
const pruneAtOnce = 500

// Prune forgets tokens that have expired by now, and removes some of the keys that
// were issued for tokens and expired before a moment. It returns the ids of those.
// Keys that a budget or a limit is on stay, and so does the owner of every key.
func (s *Store) Prune(ctx context.Context, now, before time.Time) (ids []string, err error) {
	err = s.change(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "DELETE FROM exchanged_token WHERE expires_at <= ?", micros(now)); err != nil {
			return err
		}
		ids, err = find(ctx, tx, scanText, `
			SELECT id FROM gateway_key WHERE exchanged = 1 AND expires_at <> 0 AND expires_at < ?
			AND NOT EXISTS (SELECT 1 FROM budget WHERE scope = 'key:' || gateway_key.id)
			AND NOT EXISTS (SELECT 1 FROM rate_limit WHERE scope = 'key:' || gateway_key.id)
			ORDER BY expires_at LIMIT ?`, micros(before), pruneAtOnce)
		if err != nil {
			return err
		}
		for _, id := range ids {
			if err := pruneKey(ctx, tx, id); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return ids, nil
}

func pruneKey(ctx context.Context, tx *sql.Tx, id string) error {
	for _, text := range []string{
		"INSERT INTO former_key (id, service) SELECT id, service FROM gateway_key WHERE id = ?",
		"DELETE FROM gateway_key_secret WHERE key_id = ?",
		"DELETE FROM gateway_key WHERE id = ?",
	} {
		if _, err := tx.ExecContext(ctx, text, id); err != nil {
			return err
		}
	}
	return nil
}

// FormerKeys are the keys that were removed: their ids and services alone.
func (s *Store) FormerKeys(ctx context.Context) ([]tollgate.Key, error) {
	return find(ctx, s.read, func(row scanner) (key tollgate.Key, err error) {
		return key, row.Scan(&key.ID, &key.Service)
	}, "SELECT id, service FROM former_key")
}
