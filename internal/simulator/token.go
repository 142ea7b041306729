package simulator

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"time"
)

// The exchange of a workload's identity token for an access token, as
// providers.md 1.9 (2026-11-23) tells it.
const (
	jwtBearer    = "urn:ietf:params:oauth:grant-type:jwt-bearer"
	maxAssertion = 16 << 10
	maxTokens    = 1024 // live tokens remembered
)

// tokenIssuer remembers the access tokens it has issued until they expire.
type tokenIssuer struct {
	mu      sync.Mutex
	expires map[string]time.Time
}

func (t *tokenIssuer) issue(prefix string, now time.Time, lifetime time.Duration) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.expires == nil || len(t.expires) >= maxTokens {
		t.expires = map[string]time.Time{}
	}
	token := newID(prefix)
	t.expires[token] = now.Add(lifetime)
	return token
}

func (t *tokenIssuer) live(token string, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return now.Before(t.expires[token])
}

// foreign says whether a token is of those that are issued here, and not by this
// provider.
func foreign(token string, issuer Provider) bool {
	for prefix, by := range issuers {
		if strings.HasPrefix(token, prefix) && by != issuer {
			return true
		}
	}
	return false
}

// issuers are who gives out tokens that begin like this.
var issuers = map[string]Provider{
	"sk-ant-oat01-simulated-": Anthropic, "ya29.simulated-": Google, "entra-simulated-": Entra,
}

// issued says whether a token has the form of those that are issued here.
func issued(token string) bool { return foreign(token, "") }

type tokenRequest struct {
	GrantType        string `json:"grant_type"`
	Assertion        string `json:"assertion"`
	FederationRuleID string `json:"federation_rule_id"`
	OrganizationID   string `json:"organization_id"`
}

// problem says what is wrong with the request, or nothing.
func (q tokenRequest) problem() string {
	switch {
	case q.GrantType != jwtBearer:
		return "grant_type must be " + jwtBearer + "."
	case len(q.Assertion) > maxAssertion || strings.Count(q.Assertion, ".") != 2:
		return "assertion must be a signed JWT of at most 16 KiB."
	case !strings.HasPrefix(q.FederationRuleID, "fdrl_"):
		return "federation_rule_id must begin with fdrl_."
	case q.OrganizationID == "":
		return "organization_id is needed."
	}
	return ""
}

// exchangeToken accepts anything that looks like a JWT: nobody's signature is
// known here.
func (s *Simulator) exchangeToken(v *visit) {
	v.operation = Token
	var asked tokenRequest
	if err := json.Unmarshal(v.body, &asked); err != nil {
		v.error(http.StatusBadRequest, "The body is not the JSON of a token request.")
		return
	}
	if s.misbehaved(v, nil) {
		return
	}
	if problem := asked.problem(); problem != "" {
		v.error(http.StatusBadRequest, problem)
		return
	}
	v.json(http.StatusOK, map[string]any{
		"access_token": s.tokens.issue("sk-ant-oat01-simulated-", s.config.Now(), s.config.TokenLifetime),
		"token_type":   "Bearer",
		"expires_in":   int64(s.config.TokenLifetime / time.Second),
		"scope":        "workspace:inference",
	})
}
