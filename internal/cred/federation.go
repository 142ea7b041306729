package cred

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"tollgate"
	"tollgate/internal/secret"
)

// Source of all figures here: providers.md 1.9, 2026-11-23.
const (
	grantJWTBearer   = "urn:ietf:params:oauth:grant-type:jwt-bearer"
	maxAssertion     = 16 << 10
	defaultTokenLife = time.Hour
	clockSkew        = 30 * time.Second

	exchangeTimeout = 30 * time.Second
	exchangeRetry   = 10 * time.Second // after a failed early renewal
)

// FederationConfig names the parties of a workload identity exchange.
type FederationConfig struct {
	TokenURL       string // of the provider's /v1/oauth/token
	Rule           string // fdrl_…
	Organization   string // a UUID
	ServiceAccount string // svac_…, may be empty
	Workspace      string // wrkspc_… or "default", may be empty
	TokenFile      string // this machine's own identity, a JSON Web Token; read at each exchange
}

// Federation exchanges this machine's identity for short-lived provider tokens
// and sends them as Authorization: Bearer.
type Federation struct {
	config FederationConfig
	client *http.Client
	now    func() time.Time
	log    *slog.Logger

	exchange singleflight.Group

	mu      sync.Mutex
	bearer  secret.String // "Bearer …"
	renewAt time.Time     // from then on a new one is fetched beside the traffic
	deadAt  time.Time     // from then on requests wait for a new one
}

// NewFederation makes a Federation. The first request waits for the first
// exchange.
func NewFederation(config FederationConfig, client *http.Client, now func() time.Time, log *slog.Logger) *Federation {
	return &Federation{config: config, client: client, now: now, log: log}
}

// Sign sets the header. It waits only while there is no token that still
// holds, and then as long as ctx allows.
func (f *Federation) Sign(ctx context.Context, r *http.Request, _ []byte, _ tollgate.Principal) error {
	bearer, err := f.current(ctx)
	if err != nil {
		return err
	}
	r.Header["Authorization"] = []string{bearer.Reveal()}
	return nil
}

func (f *Federation) current(ctx context.Context) (secret.String, error) {
	f.mu.Lock()
	bearer, now, renewAt, deadAt := f.bearer, f.now(), f.renewAt, f.deadAt
	f.mu.Unlock()

	if now.Before(renewAt) {
		return bearer, nil
	}
	fetched := f.exchange.DoChan("", f.renew)
	if now.Before(deadAt) {
		return bearer, nil
	}
	select {
	case result := <-fetched:
		if result.Err != nil {
			return secret.String{}, result.Err
		}
		return result.Val.(secret.String), nil
	case <-ctx.Done():
		return secret.String{}, context.Cause(ctx)
	}
}

// renew fetches a token and remembers it. It belongs to no one request, so
// that one client's hang-up does not fail the others.
func (f *Federation) renew() (any, error) {
	ctx, cancel := context.WithTimeout(context.Background(), exchangeTimeout)
	defer cancel()
	token, life, err := f.fetch(ctx)

	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.now()
	if err != nil {
		f.renewAt = now.Add(exchangeRetry)
		if !now.Before(f.deadAt) {
			f.renewAt = time.Time{} // nothing to live on: the next request tries again
		}
		f.log.Error("the exchange for a provider token failed", "cause", err, "token_valid_until", f.deadAt)
		return nil, err
	}
	f.bearer = secret.New("Bearer " + token)
	f.deadAt = now.Add(max(life-clockSkew, 0))
	f.renewAt = now.Add(max(life*3/4-clockSkew, 0))
	return f.bearer, nil
}

func (f *Federation) fetch(ctx context.Context) (token string, life time.Duration, err error) {
	body, err := f.exchangeBody()
	if err != nil {
		return "", 0, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, f.config.TokenURL, bytes.NewReader(body))
	if err != nil {
		return "", 0, err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := f.client.Do(request)
	if err != nil {
		return "", 0, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	if err != nil {
		return "", 0, err
	}
	return readToken(response.StatusCode, answer)
}

func (f *Federation) exchangeBody() ([]byte, error) {
	assertion, err := os.ReadFile(f.config.TokenFile)
	if err != nil {
		return nil, err
	}
	if len(assertion) > maxAssertion {
		return nil, fmt.Errorf("%s is larger than the %d bytes that a token may have", f.config.TokenFile, maxAssertion)
	}
	return json.Marshal(struct {
		GrantType      string `json:"grant_type"`
		Assertion      string `json:"assertion"`
		Rule           string `json:"federation_rule_id"`
		Organization   string `json:"organization_id"`
		ServiceAccount string `json:"service_account_id,omitempty"`
		Workspace      string `json:"workspace_id,omitempty"`
	}{grantJWTBearer, strings.TrimSpace(string(assertion)), f.config.Rule, f.config.Organization, f.config.ServiceAccount, f.config.Workspace})
}

// readToken reads the answer to an exchange. A refusal's text is left out of
// the error: it may repeat the assertion.
func readToken(status int, answer []byte) (token string, life time.Duration, err error) {
	if status != http.StatusOK {
		return "", 0, fmt.Errorf("the provider answered the exchange with status %d", status)
	}
	var granted struct {
		AccessToken string `json:"access_token"`
		ExpiresIn   int64  `json:"expires_in"` // seconds
	}
	if err := json.Unmarshal(answer, &granted); err != nil || granted.AccessToken == "" {
		return "", 0, errors.New("the provider's answer to the exchange holds no access_token")
	}
	if granted.ExpiresIn <= 0 {
		return granted.AccessToken, defaultTokenLife, nil
	}
	return granted.AccessToken, time.Duration(granted.ExpiresIn) * time.Second, nil
}
