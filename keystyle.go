package tollgate

import (
	"encoding/base64"
	"strings"
)

// KeyStyle is a form in which a gateway key is written. The secret is the same.
type KeyStyle string

// The styles.
const (
	OpaqueKey KeyStyle = ""    // the key itself
	JWTKey    KeyStyle = "jwt" // in the shape of a JWT, which Claude Code takes for that of a gateway
)

// jwtHead is what stands before a key in the shape of a JWT: Claude Code reads
// the audience and looks at nothing else (client-behaviour.md 2, 2026-11-23).
// The key itself is in the place of the signature, where base64url allows all
// its characters and secret scanners still find it.
var jwtHead = segment(`{"alg":"HS256","typ":"JWT"}`) + segment(`{"aud":"claude-gateway"}`)

func segment(json string) string { return base64.RawURLEncoding.EncodeToString([]byte(json)) + "." }

// ParseKeyStyle reads a style as String writes it. Empty text is the usual one.
func ParseKeyStyle(text string) (KeyStyle, error) {
	switch text {
	case "", OpaqueKey.String():
		return OpaqueKey, nil
	case JWTKey.String():
		return JWTKey, nil
	}
	return "", Errorf(Invalid, "%q is no style of a key; write opaque or jwt", HideKeys(text))
}

// String is the style as people write it.
func (s KeyStyle) String() string {
	if s == OpaqueKey {
		return "opaque"
	}
	return string(s)
}

// Write is the key in this style.
func (s KeyStyle) Write(key string) string {
	if s == JWTKey {
		return jwtHead + key
	}
	return key
}

// ReadKey takes a key out of the style that it is written in. What is no key in
// any style comes back as it is.
func ReadKey(text string) (key string, style KeyStyle) {
	if key, is := strings.CutPrefix(text, jwtHead); is {
		return key, JWTKey
	}
	return text, OpaqueKey
}
