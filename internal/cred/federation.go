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
	"time"

	"tollgate/internal/secret"
)

// Source of all figures here: providers.md 1.9, 2026-11-23.
const (
	grantJWTBearer   = "urn:ietf:params:oauth:grant-type:jwt-bearer"
	maxAssertion     = 16 << 10
	defaultTokenLife = time.Hour
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

// federation exchanges this machine's identity for short-lived provider tokens.
type federation struct {
	config FederationConfig
	client *http.Client
}

// NewFederation makes a Token that is exchanged for this machine's identity.
// The first request waits for the first exchange.
func NewFederation(config FederationConfig, client *http.Client, now func() time.Time, log *slog.Logger) *Token {
	f := &federation{config, client}
	return newToken(f.fetch, now, log)
}

func (f *federation) fetch(ctx context.Context) (none grant[secret.String], err error) {
	body, err := f.exchangeBody()
	if err != nil {
		return none, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, f.config.TokenURL, bytes.NewReader(body))
	if err != nil {
		return none, err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := f.client.Do(request)
	if err != nil {
		return none, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	if err != nil {
		return none, err
	}
	return readToken(response.StatusCode, answer)
}

func (f *federation) exchangeBody() ([]byte, error) {
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
func readToken(status int, answer []byte) (none grant[secret.String], err error) {
	if status != http.StatusOK {
		return none, fmt.Errorf("the provider answered the exchange with status %d", status)
	}
	var granted struct {
		AccessToken string `json:"access_token"`
		ExpiresIn   int64  `json:"expires_in"` // seconds
	}
	if err := json.Unmarshal(answer, &granted); err != nil || granted.AccessToken == "" {
		return none, errors.New("the provider's answer to the exchange holds no access_token")
	}
	life := defaultTokenLife
	if granted.ExpiresIn > 0 {
		life = time.Duration(granted.ExpiresIn) * time.Second
	}
	return grant[secret.String]{secret.New(granted.AccessToken), life}, nil
}
