package tokenexchange

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"tollgate"
)

type memory struct{ seen map[string]bool }

func (m memory) ExchangeToken(_ context.Context, token tollgate.SubjectToken, key tollgate.Key) (tollgate.Key, error) {
	if m.seen[token.Digest] {
		return key, tollgate.ErrExchanged
	}
	m.seen[token.Digest] = true
	return key, nil
}
func (memory) Hash(key string) []byte { return []byte(key) }
func (memory) Put(tollgate.Key)       {}

// TestOnlyTheRightTokenGetsAKey from an issuer that publishes its keys as real ones do.
func TestOnlyTheRightTokenGetsAKey(t *testing.T) {
	private, _ := rsa.GenerateKey(rand.Reader, 2048)
	foreign, _ := rsa.GenerateKey(rand.Reader, 2048)
	at, kid := "", "1"
	issuer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/keys" {
			_ = json.NewEncoder(w).Encode(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: private.Public(), KeyID: kid, Algorithm: "RS256", Use: "sig"}}})
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"issuer": at, "jwks_uri": at + "/keys"})
	}))
	defer issuer.Close()
	at = issuer.URL
	config := Config{Audience: "gateway", Issuers: []Issuer{{Name: "github", Issuer: at, Rules: []Rule{{
		Claims: map[string]string{"repository": "acme/*", "ref": "refs/heads/main"}, Service: "github/{repository}", Team: "ci",
	}}}}}.WithDefaults()
	if problems := config.Validate(); len(problems) > 0 {
		t.Fatal(problems)
	}
	now := time.Now()
	e := New(Options{Register: memory{map[string]bool{}}, Keys: memory{}, Told: func(_, _, _ string) {}, Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler)})
	e.Configure(config)
	pem := x509.MarshalPKCS1PublicKey(&private.PublicKey)
	sign := func(algorithm jose.SignatureAlgorithm, key any, change map[string]any) string {
		said := map[string]any{"iss": at, "aud": "gateway", "sub": "repo:acme/web", "iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(5 * time.Minute).Unix(), "repository": "acme/web", "ref": "refs/heads/main"}
		for name, value := range change {
			said[name] = value
		}
		signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: key}, (&jose.SignerOptions{}).WithHeader("kid", kid))
		if err != nil {
			t.Fatal(err)
		}
		raw, err := jwt.Signed(signer).Claims(said).Serialize()
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	right := sign(jose.RS256, private, map[string]any{"jti": "a"})
	ask := func(token string) string {
		form := url.Values{"grant_type": {exchangeGrant}, "subject_token": {token}, "subject_token_type": {jwtToken}}
		request := httptest.NewRequest(http.MethodPost, "/oauth/token", strings.NewReader(form.Encode()))
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		answer := httptest.NewRecorder()
		e.ServeHTTP(answer, request)
		body, _ := io.ReadAll(answer.Body)
		return string(body)
	}
	for _, c := range []struct{ name, token, says string }{
		{"right", right, "tgk_"},
		{"replayed", right, "before"},
		{"foreign key", sign(jose.RS256, foreign, nil), "not signed"},
		{"public key as secret", sign(jose.HS256, pem, nil), "RS256"},
		{"none", "eyJhbGciOiJub25lIn0." + strings.Split(right, ".")[1] + ".", "RS256"},
		{"audience", sign(jose.RS256, private, map[string]any{"aud": "other"}), "audience"},
		{"expired", sign(jose.RS256, private, map[string]any{"exp": now.Add(-time.Second).Unix()}), "expired"},
		{"early", sign(jose.RS256, private, map[string]any{"nbf": now.Add(2 * time.Minute).Unix()}), "not valid yet"},
		{"issuer", sign(jose.RS256, private, map[string]any{"iss": "https://evil.example.com"}), "does not know"},
		{"repository", sign(jose.RS256, private, map[string]any{"repository": "evil/web"}), "no rule"},
		{"branch", sign(jose.RS256, private, map[string]any{"ref": "refs/heads/main2"}), "no rule"},
		{"garbage", "x.y.z", "RS256"},
		{"huge", strings.Repeat("a", mostForm), "64 KiB"},
	} {
		body := ask(c.token)
		if !strings.Contains(body, c.says) || strings.Contains(body, "tgk_") != (c.name == "right") {
			t.Errorf("%s: %s", c.name, body)
		}
	}

	// The issuer changes its key: at once nobody asks it again, and soon everything is well.
	private, kid = foreign, "2"
	if body := ask(sign(jose.RS256, private, map[string]any{"jti": "b"})); !strings.Contains(body, "try again in ten seconds") {
		t.Error(body)
	}
	now = now.Add(11 * time.Second)
	if body := ask(sign(jose.RS256, private, map[string]any{"jti": "c"})); !strings.Contains(body, "tgk_") {
		t.Error(body)
	}

	// It is away: keys that are known stay good, and nobody waits for it.
	issuer.Close()
	now = now.Add(20 * time.Second)
	if body := ask(sign(jose.RS256, private, map[string]any{"jti": "d"})); !strings.Contains(body, "tgk_") {
		t.Error(body)
	}
}
