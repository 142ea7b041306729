// Package sigv4 checks AWS Signature Version 4 as a service does that receives
// it: it computes the signature anew from the request as it arrived. It knows
// the public algorithm and nothing of any SDK, so that a mistake in a signer is
// not made twice. It signs nothing itself.
package sigv4

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Key is the secret half of an access key.
type Key struct {
	Secret  string
	Session string    // the session token that must come with it; empty: none
	Expires time.Time // zero: never
}

// Check says what a signature has to be for.
type Check struct {
	Services []string // one of them
	Region   string   // empty: any
	Now      time.Time
	Key      func(accessKeyID string) (Key, bool)
}

// Scope is what a signature says about itself.
type Scope struct {
	AccessKeyID, Day, Region, Service string
}

// Failure is why a request is not let through, in AWS's terms.
type Failure struct {
	Code    string
	Message string
}

// Skew is how far the clocks of both sides may be apart.
const Skew = 5 * time.Minute

const (
	algorithm = "AWS4-HMAC-SHA256"
	timestamp = "20060102T150405Z"
)

// Verify checks the signature of r, whose whole body is body. target is the path
// and query as they stood in the request line.
func (c Check) Verify(r *http.Request, target string, body []byte) (Scope, *Failure) {
	signed, failure := parse(r.Header.Get("Authorization"))
	if failure != nil {
		return Scope{}, failure
	}
	key, failure := c.admit(r, signed)
	if failure != nil {
		return signed.Scope, failure
	}
	if failure := unsigned(r.Header, signed.headers); failure != nil {
		return signed.Scope, failure
	}
	digest := hash(body)
	if sent := r.Header.Get("X-Amz-Content-Sha256"); sent != "" && sent != digest {
		return signed.Scope, &Failure{"InvalidSignatureException", "The value of x-amz-content-sha256 is not the digest of the body."}
	}
	text := strings.Join([]string{
		algorithm, r.Header.Get("X-Amz-Date"), signed.scope(),
		hash([]byte(canonical(r, target, signed.headers, digest))),
	}, "\n")
	want := hex.EncodeToString(mac(signed.key(key.Secret), text))
	if subtle.ConstantTimeCompare([]byte(want), []byte(signed.signature)) == 0 {
		return signed.Scope, &Failure{"InvalidSignatureException", "The request signature we calculated does not match the signature you provided."}
	}
	return signed.Scope, nil
}

// ScopeOf is what the request says about its signature, without checking it;
// false when it has none.
func ScopeOf(h http.Header) (Scope, bool) {
	signed, failure := parse(h.Get("Authorization"))
	return signed.Scope, failure == nil
}

// admit checks everything about the signature but itself.
func (c Check) admit(r *http.Request, signed signature) (Key, *Failure) {
	key, known := c.Key(signed.AccessKeyID)
	if !known || key.Session != r.Header.Get("X-Amz-Security-Token") {
		return key, &Failure{"UnrecognizedClientException", "The security token included in the request is invalid."}
	}
	if !key.Expires.IsZero() && !c.Now.Before(key.Expires) {
		return key, &Failure{"ExpiredTokenException", "The security token included in the request is expired"}
	}
	if !slices.Contains(c.Services, signed.Service) {
		return key, &Failure{"InvalidSignatureException", "Credential should be scoped to correct service: '" + strings.Join(c.Services, "' or '") + "'."}
	}
	if c.Region != "" && c.Region != signed.Region {
		return key, &Failure{"InvalidSignatureException", "Credential should be scoped to a valid region, not '" + signed.Region + "'."}
	}
	at, err := time.Parse(timestamp, r.Header.Get("X-Amz-Date"))
	if err != nil || at.Format("20060102") != signed.Day {
		return key, &Failure{"IncompleteSignatureException", "X-Amz-Date must be there, and of the day of the credential's scope."}
	}
	if apart := c.Now.Sub(at).Abs(); apart > Skew {
		return key, &Failure{"InvalidSignatureException", "Signature expired: " + r.Header.Get("X-Amz-Date") + " is too far from " + c.Now.UTC().Format(timestamp) + "."}
	}
	return key, nil
}

// unsigned finds a header that has to be signed and is not.
func unsigned(h http.Header, headers []string) *Failure {
	if !slices.Contains(headers, "host") {
		return &Failure{"InvalidSignatureException", "'Host' must be a 'SignedHeader' in the AWS Authorization."}
	}
	for name := range h {
		lower := strings.ToLower(name)
		if strings.HasPrefix(lower, "x-amz-") && !slices.Contains(headers, lower) {
			return &Failure{"InvalidSignatureException", "'" + name + "' must be a 'SignedHeader' in the AWS Authorization."}
		}
	}
	return nil
}

// signature is an Authorization header taken apart.
type signature struct {
	Scope
	headers   []string
	signature string
}

func parse(authorization string) (signature, *Failure) {
	if authorization == "" {
		return signature{}, &Failure{"MissingAuthenticationTokenException", "Missing Authentication Token"}
	}
	incomplete := &Failure{"IncompleteSignatureException", "Authorization header requires 'Credential', 'SignedHeaders' and 'Signature' parameters."}
	name, rest, _ := strings.Cut(authorization, " ")
	if name != algorithm {
		return signature{}, incomplete
	}
	values := map[string]string{}
	for pair := range strings.SplitSeq(rest, ",") {
		key, value, _ := strings.Cut(strings.TrimSpace(pair), "=")
		values[key] = value
	}
	scope := strings.Split(values["Credential"], "/")
	if len(scope) != 5 || scope[4] != "aws4_request" || values["SignedHeaders"] == "" || values["Signature"] == "" {
		return signature{}, incomplete
	}
	return signature{
		Scope:   Scope{AccessKeyID: scope[0], Day: scope[1], Region: scope[2], Service: scope[3]},
		headers: strings.Split(values["SignedHeaders"], ";"), signature: values["Signature"],
	}, nil
}

func (s Scope) scope() string {
	return strings.Join([]string{s.Day, s.Region, s.Service, "aws4_request"}, "/")
}

// key derives the key that signs in this scope.
func (s Scope) key(secret string) []byte {
	key := []byte("AWS4" + secret)
	for _, part := range []string{s.Day, s.Region, s.Service, "aws4_request"} {
		key = mac(key, part)
	}
	return key
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

func hash(text []byte) string {
	digest := sha256.Sum256(text)
	return hex.EncodeToString(digest[:])
}
