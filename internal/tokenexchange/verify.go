package tokenexchange

import (
	"context"
	"crypto"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"tollgate"
)

// algorithms are those of key pairs. With a shared secret, or none, anybody could
// have signed.
var algorithms = []jose.SignatureAlgorithm{jose.RS256, jose.RS384, jose.RS512, jose.ES256, jose.ES384, jose.ES512}

// skew is how far the clock of an issuer may go before the gateway's.
const skew = time.Minute

// checked is a token that its issuer has signed, for this gateway, and that lives.
type checked struct {
	issuer *trusted
	token  tollgate.SubjectToken
	said   claims
}

// check believes nothing of a token before the library has verified it; what it
// looks at before that only says why it would be refused, and whom to ask for keys.
func (e *Exchanger) check(ctx context.Context, raw string) (checked, *refusal) {
	parsed, err := jwt.ParseSigned(raw, algorithms)
	if err != nil || len(parsed.Headers) != 1 {
		return checked{}, errToken.because(err)
	}
	var claimed jwt.Claims
	if err := parsed.UnsafeClaimsWithoutVerification(&claimed); err != nil {
		return checked{}, errToken.because(err)
	}
	now, inForce := e.options.Now(), e.inForce.Load()
	of := inForce.issuers[claimed.Issuer]
	if of == nil {
		return checked{}, errIssuer
	}
	found := checked{issuer: of}
	if refused := plausible(claimed, inForce.audience, now); refused != nil {
		return found, refused
	}
	keys, err := of.keys.find(ctx, parsed.Headers[0].KeyID, parsed.Headers[0].Algorithm)
	if err != nil {
		return found, errUnreachable.because(err)
	}
	verified, err := verifier(of.Issuer.Issuer, inForce.audience, keys, now).Verify(ctx, raw)
	if err != nil {
		return found, errSignature.because(err)
	}
	var payload json.RawMessage
	if err := verified.Claims(&payload); err != nil {
		return found, errToken.because(err)
	}
	if found.said, err = readClaims(payload); err != nil {
		return found, errToken.because(err)
	}
	found.token = tollgate.SubjectToken{Issuer: of.Name, Subject: subjectOf(verified.Subject), ExpiresAt: verified.Expiry.Add(skew)}
	if !of.Reusable {
		found.token.Digest = digestOf(of.Issuer.Issuer, claimed.ID, raw)
	}
	return found, nil
}

// plausible says in words what is wrong with a token that may not even be signed.
func plausible(claimed jwt.Claims, audience string, now time.Time) *refusal {
	err := claimed.ValidateWithLeeway(jwt.Expected{AnyAudience: jwt.Audience{audience}, Time: now}, skew)
	switch {
	case errors.Is(err, jwt.ErrInvalidAudience):
		return errAudience
	case errors.Is(err, jwt.ErrNotValidYet), errors.Is(err, jwt.ErrIssuedInTheFuture):
		return errEarly
	case err != nil, claimed.Expiry == nil, !now.Before(claimed.Expiry.Time()):
		return errExpired
	case claimed.Expiry.Time().After(now.Add(longest)):
		return errLong
	}
	return nil
}

func verifier(issuer, audience string, keys []crypto.PublicKey, now time.Time) *oidc.IDTokenVerifier {
	var names []string
	for _, algorithm := range algorithms {
		names = append(names, string(algorithm))
	}
	return oidc.NewVerifier(issuer, &oidc.StaticKeySet{PublicKeys: keys}, &oidc.Config{ClientID: audience, SupportedSigningAlgs: names, Now: func() time.Time { return now }})
}

// digestOf stands for a token. One without an id is known by what was signed, not
// by its signature: some signatures can be written in two ways.
func digestOf(issuer, id, raw string) string {
	text := "jti\x00" + issuer + "\x00" + id
	if id == "" {
		text = "token\x00" + raw[:strings.LastIndexByte(raw, '.')]
	}
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// subjectOf is a subject as the audit log may have it for good: one that could name
// a person is a digest.
func subjectOf(subject string) string {
	if isName(subject) {
		return subject
	}
	sum := sha256.Sum256([]byte(subject))
	return "sha256:" + hex.EncodeToString(sum[:])
}
