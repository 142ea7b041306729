package admin

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"net/url"
	"strings"

	"tollgate"
)

// Authenticator finds out who sent a request to the REST API. Its errors are
// Unauthenticated or Forbidden.
type Authenticator func(r *http.Request) (Caller, error)

// Socket is the authenticator of the Unix socket: whoever may open the file is
// an administrator.
func Socket() Authenticator {
	return func(*http.Request) (Caller, error) { return Caller{Name: "socket", Role: Write}, nil }
}

// Network is the authenticator of a listener that others can reach: it takes
// the configured keys as bearers. What a browser sends on behalf of another
// site is refused before its key is looked at.
func Network(keys []Key) Authenticator {
	return func(r *http.Request) (Caller, error) {
		if isCrossSite(r) {
			return Caller{}, tollgate.Errorf(tollgate.Forbidden, "the admin API does not answer other web sites; call it from a program")
		}
		scheme, presented, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		if presented = strings.TrimSpace(presented); presented == "" || !strings.EqualFold(scheme, "bearer") {
			return Caller{}, tollgate.Errorf(tollgate.Unauthenticated,
				"the admin API needs a key: send Authorization: Bearer with one of those configured under admin.keys")
		}
		caller, known := find(keys, presented)
		if !known {
			return Caller{}, tollgate.Errorf(tollgate.Unauthenticated,
				"the admin key sent is not one of admin.keys in the gateway's configuration; check it, and whether it is meant for this gateway")
		}
		return caller, nil
	}
}

// find finds the key that is presented. It takes the same time whichever key
// it is and however much of it is right.
func find(keys []Key, presented string) (caller Caller, found bool) {
	digest := sha256.Sum256([]byte(presented))
	for _, key := range keys {
		known := sha256.Sum256([]byte(key.Key.Reveal()))
		if subtle.ConstantTimeCompare(digest[:], known[:]) == 1 && !key.Key.IsZero() {
			caller, found = Caller{Name: key.Name, Role: key.Role}, true
		}
	}
	return caller, found
}

// isCrossSite believes what browsers say of where a request comes from, which
// pages cannot forge. Programs say nothing.
func isCrossSite(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "none", "same-origin":
	default:
		return true
	}
	origin := r.Header.Get("Origin")
	from, err := url.Parse(origin)
	return origin != "" && (err != nil || from.Host != r.Host)
}
