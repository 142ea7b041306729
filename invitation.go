package tollgate

import (
	"strings"
	"time"
)

// Invitation is what a developer exchanges, once, for a key that no administrator
// ever sees. Zero times mean "never".
type Invitation struct {
	ID        string // twelve characters of base62, which stand in the code too
	Developer string // email
	Label     string // of the key
	Style     KeyStyle
	Models    []string
	// Lifetime is how long the key lives until it is renewed, which its holder can
	// do himself; 0: it does not end.
	Lifetime  time.Duration
	Hash      []byte // HMAC-SHA256 of the whole code
	CreatedAt time.Time
	CreatedBy string
	ExpiresAt time.Time
	UsedAt    time.Time
	Key       string // the id of the key that it became
}

// Enrollment is a key as its holder is given it, in the one moment when it is known.
type Enrollment struct {
	ID        string
	Key       string    // whole, in its style
	ExpiresAt time.Time // zero: never
}

// The code of an invitation reads like a key with another beginning: it too is found
// by secret scanners, told apart when mistyped, and hidden from records.
const invitationPrefix = "tgi_"

// NewInvitationCode draws the code of the invitation with this id.
func NewInvitationCode(id string) string {
	return invitationPrefix + strings.TrimPrefix(NewKeyString(id), keyPrefix)
}

// InvitationIDOf returns the id inside a well-formed code.
func InvitationIDOf(code string) (id string, ok bool) {
	rest, found := strings.CutPrefix(code, invitationPrefix)
	if !found {
		return "", false
	}
	return KeyIDOf(keyPrefix + rest)
}
