package identity

import (
	"crypto/hmac"
	"errors"
	"net/http"

	"tollgate"
)

// Refusal says in a word why a credential opens nothing, and which of the keys it
// names, if it is one. It is for records, never for whoever presented it.
func (d *Directory) Refusal(header http.Header) (why, key string) {
	presented, _, err := Presented(header)
	switch {
	case errors.Is(err, errTwoKeys):
		return "two_keys", ""
	case err != nil:
		return "missing", ""
	}
	id, ok := tollgate.KeyIDOf(presented)
	if !ok {
		return "mistyped", ""
	}
	found := (*d.keys.Load())[id]
	if found == nil {
		return "unknown", ""
	}
	return found.refusal(d.Hash(presented)), id
}

func (e *entry) refusal(hash []byte) string {
	known := false
	for _, secret := range e.key.Secrets {
		known = hmac.Equal(hash, secret.Hash) || known
	}
	switch {
	case !known:
		return "wrong_secret"
	case !e.key.RevokedAt.IsZero():
		return "revoked"
	}
	return "expired"
}
