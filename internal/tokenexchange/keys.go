package tokenexchange

import (
	"context"
	"crypto"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"
)

// How keys of issuers are fetched.
const (
	fetchBound = 5 * time.Second  // for discovery and keys together
	pause      = 10 * time.Second // at least, between two fetches: strangers can ask for one
	fresh      = time.Hour        // an issuer's keys are looked at again after that
	stale      = 24 * time.Hour   // and not believed any more after that
	mostKeys   = 1 << 20          // bytes of an issuer's answer
)

// published are the keys of one issuer, which are fetched when they are first asked
// for: an issuer that is away keeps no gateway from starting.
type published struct {
	issuer, address string
	client          *http.Client
	now             func() time.Time

	fetching sync.Mutex // held to fetch; it owns tried and failed
	tried    time.Time
	failed   error

	mu   sync.RWMutex
	set  jose.JSONWebKeySet
	read time.Time // when set was fetched
}

func newPublished(issuer Issuer, now func() time.Time) *published {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.ResponseHeaderTimeout = fetchBound
	return &published{issuer: issuer.Issuer, address: issuer.JWKSURL, client: &http.Client{Transport: careful{transport}}, now: now}
}

// find returns the keys a token may be signed with. An error says that the issuer
// could not be asked.
func (p *published) find(ctx context.Context, id, algorithm string) ([]crypto.PublicKey, error) {
	keys, age := p.known(id, algorithm)
	if len(keys) > 0 && age < fresh {
		return keys, nil
	}
	err := p.fetch(ctx)
	if keys, age = p.known(id, algorithm); len(keys) > 0 && age < stale {
		return keys, nil
	}
	return nil, err
}

func (p *published) known(id, algorithm string) (keys []crypto.PublicKey, age time.Duration) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	for _, key := range p.set.Keys {
		fits := (id == "" || key.KeyID == id) && (key.Algorithm == "" || key.Algorithm == algorithm) && key.Use != "enc"
		if fits && key.IsPublic() && key.Valid() {
			keys = append(keys, key.Key)
		}
	}
	return keys, p.now().Sub(p.read)
}

// fetch reads the keys anew, unless that was just tried.
func (p *published) fetch(ctx context.Context) error {
	p.fetching.Lock()
	defer p.fetching.Unlock()
	if now := p.now(); now.Sub(p.tried) < pause {
		return p.failed
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), fetchBound) // others wait for it too
	defer cancel()
	p.tried = p.now()
	var set jose.JSONWebKeySet
	if set, p.failed = p.ask(ctx); p.failed != nil {
		return p.failed
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.set, p.read = set, p.now()
	return nil
}

func (p *published) ask(ctx context.Context) (set jose.JSONWebKeySet, err error) {
	address := p.address
	if address == "" {
		provider, err := oidc.NewProvider(oidc.ClientContext(ctx, p.client), p.issuer)
		if err != nil {
			return set, err
		}
		var document struct {
			Keys string `json:"jwks_uri"`
		}
		if err := provider.Claims(&document); err != nil {
			return set, err
		}
		address = document.Keys
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return set, err
	}
	answer, err := p.client.Do(request)
	if err != nil {
		return set, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return set, fmt.Errorf("the issuer answers %s with status %d", address, answer.StatusCode)
	}
	return set, json.NewDecoder(answer.Body).Decode(&set)
}

// careful asks over TLS or on this machine only, wherever a document or a redirect
// leads, and reads no more than keys can be.
type careful struct{ next http.RoundTripper }

var errUnsafe = errors.New("the address is neither https nor on this machine")

// RoundTrip implements http.RoundTripper.
func (c careful) RoundTrip(r *http.Request) (*http.Response, error) {
	if !safeAddress(r.URL.String()) {
		return nil, errUnsafe
	}
	answer, err := c.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	answer.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(answer.Body, mostKeys), answer.Body}
	return answer, nil
}
