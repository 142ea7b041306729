package app_test

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"tollgate/api"
	"tollgate/internal/gatewaytest"
)

// platform runs pipelines and gives them tokens.
type platform struct {
	*httptest.Server
	t   *testing.T
	key *rsa.PrivateKey
}

func newPlatform(t *testing.T) *platform {
	t.Helper()
	p := &platform{t: t}
	p.Server = httptest.NewServer(p)
	t.Cleanup(p.Close)
	var err error
	if p.key, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *platform) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/keys" {
		_ = json.NewEncoder(w).Encode(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: p.key.Public(), KeyID: "1", Algorithm: "RS256", Use: "sig"}}})
		return
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"issuer": p.URL, "jwks_uri": p.URL + "/keys"})
}

// token is that of a job of a repository.
func (p *platform) token(id, repository string) string {
	p.t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: p.key}, (&jose.SignerOptions{}).WithHeader("kid", "1"))
	if err != nil {
		p.t.Fatal(err)
	}
	now := time.Now()
	text, err := jwt.Signed(signer).Claims(map[string]any{
		"iss": p.URL, "aud": "https://gw.example.com", "sub": "repo:" + repository, "jti": id, "iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(5 * time.Minute).Unix(),
		"repository": repository, "ref": "refs/heads/main",
	}).Serialize()
	if err != nil {
		p.t.Fatal(err)
	}
	return text
}

// exchanged presents a token to a gateway.
func exchanged(t *testing.T, g *gatewaytest.Gateway, token string) (status int, answer map[string]any) {
	t.Helper()
	form := url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:token-exchange"}, "subject_token": {token}, "subject_token_type": {"urn:ietf:params:oauth:token-type:jwt"}}
	request, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, g.URL+"/oauth/token", strings.NewReader(form.Encode()))
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	status, text := gatewaytest.Do(t, request)
	if err := json.Unmarshal([]byte(text), &answer); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return status, answer
}

// TestPromise6_APipelineGetsAKey for the token of its platform, once: the key is a
// service account's, in whose name its requests are, and is gone when it has ended.
// What is remembered of tokens outlives the process.
func TestPromise6_APipelineGetsAKey(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	provider := newProvider(t)
	options := gatewaytest.Options{Upstream: provider.URL, Config: fmt.Sprintf(`token_exchange:
  audience: https://gw.example.com
  issuers:
    - {name: github, issuer: %q, rules: [{claims: {repository: acme/*, ref: refs/heads/main}, service: "github/{repository}", team: core}]}
`, p.URL)}
	g := gatewaytest.Start(t, options)
	first := p.token("a", "acme/web")
	status, answer := exchanged(t, g, first)
	key, _ := answer["access_token"].(string)
	if status != http.StatusOK || !strings.HasPrefix(key, "tgk_") || answer["token_type"] != "Bearer" || answer["expires_in"] != 900.0 {
		t.Fatalf("%d %v", status, answer)
	}
	request := g.Request(t, "/v1/messages", `{"model":"claude-opus-5-5","max_tokens":9,"messages":[]}`)
	request.Header.Set("X-Api-Key", key)
	if status, text := gatewaytest.Do(t, request); status != http.StatusOK {
		t.Errorf("%d %s", status, text)
	}
	if row := g.WaitRows(t, 1)[0]; row.Service != "github/acme/web" || row.Team != "core" {
		t.Errorf("%+v", row.Principal)
	}
	if _, err := g.Admin.SetBudget(t.Context(), api.NewBudget{Scope: "service:github/acme/web", AmountNanoUSD: 1e9, Period: "day"}); err != nil {
		t.Error(err)
	}
	g.Restart(t, options)
	for name, token := range map[string]string{"replayed": first, "another organisation": p.token("b", "evil/web")} {
		if status, answer := exchanged(t, g, token); status != http.StatusBadRequest || answer["error"] == nil || answer["access_token"] != nil {
			t.Errorf("%s: %d %v", name, status, answer)
		}
	}
	g.Stop(t)
	recorded := lines(t, g.Dir)
	for _, want := range []string{`"action":"key.exchange"`, `"actor":"service:github/acme/web"`, `"action":"token.refuse"`} {
		if !strings.Contains(recorded, want) {
			t.Errorf("%s is not recorded", want)
		}
	}
	if strings.Contains(recorded, key[17:]) || strings.Contains(recorded+g.Log(), strings.Split(first, ".")[2]) {
		t.Error("a secret is recorded")
	}
}

// TestNoExchange: where nobody's tokens are exchanged, that is said.
func TestNoExchange(t *testing.T) {
	t.Parallel()
	g := gatewaytest.Start(t, gatewaytest.Options{Upstream: "http://127.0.0.1:9"})
	if status, answer := exchanged(t, g, "x"); status == http.StatusOK || answer["error_description"] == nil {
		t.Errorf("%d %v", status, answer)
	}
}
