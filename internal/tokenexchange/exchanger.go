package tokenexchange

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"tollgate"
)

// Register keeps keys and which tokens have had one, durably and in one.
type Register interface {
	ExchangeToken(ctx context.Context, token tollgate.SubjectToken, key tollgate.Key) (stored tollgate.Key, err error)
}

// Keyring is the data plane's view of the keys.
type Keyring interface {
	Hash(key string) []byte
	Put(key tollgate.Key)
}

// Options are what an Exchanger works with.
type Options struct {
	Register Register
	Keys     Keyring
	// Told hears what became of every exchange: the issuer's name and the subject,
	// empty while they are only claimed, and the outcome. It must not wait.
	Told func(issuer, subject, outcome string)
	Now  func() time.Time
	Log  *slog.Logger
}

// Exchanger exchanges tokens. It may be used by many goroutines at once.
type Exchanger struct {
	options Options

	configuring sync.Mutex
	inForce     atomic.Pointer[inForce]
}

// inForce is one configuration.
type inForce struct {
	audience string
	issuers  map[string]*trusted // by address
}

// trusted is an issuer and its keys.
type trusted struct {
	Issuer
	keys *published
}

// New makes one that knows no issuer yet.
func New(options Options) *Exchanger {
	e := &Exchanger{options: options}
	e.inForce.Store(&inForce{})
	return e
}

// Configure puts a configuration in force. Keys of issuers that stay are kept.
func (e *Exchanger) Configure(c Config) {
	e.configuring.Lock()
	defer e.configuring.Unlock()
	last, next := e.inForce.Load(), &inForce{audience: c.Audience, issuers: map[string]*trusted{}}
	for _, issuer := range c.Issuers {
		now := &trusted{Issuer: issuer, keys: newPublished(issuer, e.options.Now)}
		if was := last.issuers[issuer.Issuer]; was != nil && was.JWKSURL == issuer.JWKSURL {
			now.keys = was.keys
		}
		next.issuers[issuer.Issuer] = now
	}
	e.inForce.Store(next)
}

// ServeHTTP answers a request for a key (RFC 8693).
func (e *Exchanger) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	issued, from, refused := e.exchange(r)
	name := ""
	if from.issuer != nil {
		name = from.issuer.Name
	}
	if refused != nil {
		e.options.Log.Info("a pipeline got no key", "issuer", name, "subject", from.token.Subject, "reason", refused.why, "cause", refused.cause)
		e.options.Told(name, from.token.Subject, refused.why)
		Refuse(w, refused.status, refused.code, refused.description, refused.retry)
		return
	}
	e.options.Log.Info("a pipeline got a key", "issuer", name, "subject", from.token.Subject, "service", issued.key.Service, "key", issued.key.ID, "expires", issued.key.ExpiresAt)
	e.options.Told(name, from.token.Subject, Issued)
	write(w, http.StatusOK, map[string]any{
		"access_token": issued.whole, "issued_token_type": accessToken, "token_type": "Bearer",
		"expires_in": int64(issued.key.ExpiresAt.Sub(issued.key.CreatedAt) / time.Second),
	})
}

// issuedKey is a key in the one moment when its secret is known.
type issuedKey struct {
	key   tollgate.Key
	whole string
}

func (e *Exchanger) exchange(r *http.Request) (issued issuedKey, from checked, refused *refusal) {
	switch {
	case len(e.inForce.Load().issuers) == 0:
		return issued, from, errAbsent
	case r.Method != http.MethodPost:
		return issued, from, errMethod
	}
	raw, refused := subjectToken(r)
	if refused != nil {
		return issued, from, refused
	}
	if from, refused = e.check(r.Context(), raw); refused != nil {
		return issued, from, refused
	}
	key, refused := e.draft(from)
	if refused != nil {
		return issued, from, refused
	}
	issued, refused = e.issue(r.Context(), from.token, key)
	return issued, from, refused
}

// draft is the key that the first matching rule grants, without a secret.
func (e *Exchanger) draft(from checked) (key tollgate.Key, refused *refusal) {
	for _, rule := range from.issuer.Rules {
		if !rule.matches(from.said) {
			continue
		}
		service, ok := nameOf(rule.Service, from.said)
		if !ok {
			return key, errName
		}
		at := e.options.Now()
		return tollgate.Key{
			ID: tollgate.NewKeyID(), Service: service, Team: rule.Team, Label: from.issuer.Name,
			Models: rule.Models, CreatedAt: at, ExpiresAt: at.Add(rule.Expires),
		}, nil
	}
	return key, errRule
}

// issue makes the key durable and puts it before the data plane.
func (e *Exchanger) issue(ctx context.Context, token tollgate.SubjectToken, key tollgate.Key) (issuedKey, *refusal) {
	whole := tollgate.NewKeyString(key.ID)
	key.Secrets = []tollgate.KeySecret{{Hash: e.options.Keys.Hash(whole)}}
	ctx = tollgate.WithActor(context.WithoutCancel(ctx), "service:"+key.Service)
	stored, err := e.options.Register.ExchangeToken(ctx, token, key)
	switch {
	case errors.Is(err, tollgate.ErrExchanged):
		return issuedKey{}, errReplayed
	case tollgate.IsKind(err, tollgate.NotFound), tollgate.IsKind(err, tollgate.Conflict):
		return issuedKey{}, errPlace.because(err)
	case err != nil:
		return issuedKey{}, errFault.because(err)
	}
	e.options.Keys.Put(stored)
	return issuedKey{stored, whole}, nil
}

// Refuse answers with an error (RFC 6749 5.2).
func Refuse(w http.ResponseWriter, status int, code, description string, retry time.Duration) {
	if retry > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(retry/time.Second)))
	}
	write(w, status, map[string]any{"error": code, "error_description": description})
}

func write(w http.ResponseWriter, status int, answer map[string]any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Pragma", "no-cache")
	if status != http.StatusOK {
		w.Header().Set("Connection", "close") // the rest of the request may not have been read
	}
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(answer) // who has hung up asks again
}
