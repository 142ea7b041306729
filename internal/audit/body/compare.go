package body

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"maps"
	"slices"
	"strings"

	"github.com/zeebo/blake3"

	"tollgate"
)

// Compare holds an opened body against the digest in its record, and says in a
// sentence what that proves. The error is that the body is not the one that came.
func (o *Opened) Compare(digest string) (string, error) {
	switch {
	case o.Note.Digest != digest:
		return "", tollgate.Errorf(tollgate.Conflict, "the record of %s has another digest than what is sealed says; one of the two was changed", o.Request)
	case len(o.Note.Redacted) > 0:
		return "It was redacted before it was sealed (" + strings.Join(slices.Sorted(maps.Keys(o.Note.Redacted)), ", ") +
			"), so it cannot be compared with the digest in its record.", nil
	case o.Note.Form != "":
		return "It is in the form of the Messages API, not as the client got it, so it cannot be compared with the digest in its record.", nil
	case digestOf(o.Text, digest) != digest:
		return "", tollgate.Errorf(tollgate.Conflict, "the digest of what is sealed for %s is not the one in its record; it is not what came", o.Request)
	}
	return "It is what came, byte for byte: its digest is the one in its record.", nil
}

// digestOf takes a digest of the same scheme as another.
func digestOf(text []byte, like string) string {
	scheme, _, _ := strings.Cut(like, ":")
	var state hash.Hash
	switch scheme {
	case "sha256":
		state = sha256.New()
	case "blake3":
		state = blake3.New()
	default:
		return ""
	}
	_, _ = state.Write(text) // never fails
	return scheme + ":" + hex.EncodeToString(state.Sum(nil))
}
