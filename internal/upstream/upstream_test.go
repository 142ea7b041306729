package upstream

import (
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"tollgate"
	"tollgate/internal/bound"
	"tollgate/internal/dialect"
	"tollgate/internal/jsonedit"
	"tollgate/internal/payload"
	"tollgate/internal/secret"
	"tollgate/internal/upstream/capability"
)

func newUpstream(t *testing.T, config Config) *Upstream {
	t.Helper()
	config.Name, config.Provider = "test", "anthropic"
	if problems := config.WithDefaults().Validate(); len(problems) > 0 {
		t.Fatal(problems)
	}
	u, err := New(config.WithDefaults(), capability.NewBook(time.Now), time.Now, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(u.Close)
	return u
}

// TestWhatPasses holds the open list: everything that is not named here passes.
func TestWhatPasses(t *testing.T) {
	u := newUpstream(t, Config{APIKey: secret.New("sk-x"), Headers: map[string]secret.String{"x-extra": secret.New("ours")}})
	key := tollgate.NewKeyString(tollgate.NewKeyID())
	stays := []string{
		"Connection", "Keep-Alive", "Te", "Trailer", "Transfer-Encoding", "Upgrade", "Expect", "Proxy-Connection", "Proxy-Authorization",
		"Authorization", "X-Api-Key", "Cookie", "Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Anything", "X-Real-Ip", "Accept-Encoding",
		"Content-Length", "Api-Key", "X-Amz-Security-Token", "X-Amz-Date", "X-Goog-User-Project", "Cf-Access-Jwt-Assertion", "X-Amzn-Oidc-Identity", "Named-By-Connection",
	}
	passes := []string{"X-Amzn-Bedrock-Guardrailidentifier", "Anthropic-Beta", "Anthropic-Version", "Anthropic-Never-Heard-Of", "Accept", "X-App", "User-Agent", "Content-Type", "X-Team"}
	incoming := http.Header{"Connection": {"close, named-by-connection"}, "X-Extra": {"theirs"}, "X-Odd": {"fine", "Bearer " + key}}
	for _, name := range append(slices.Clone(stays[1:]), passes...) {
		incoming[name] = []string{"one", "two"}
	}
	out := u.outgoing(incoming)
	for _, name := range passes {
		if !slices.Equal(out[name], []string{"one", "two"}) {
			t.Errorf("%s became %q", name, out[name])
		}
		delete(out, name)
	}
	if !maps.EqualFunc(out, http.Header{"X-Extra": {"ours"}}, slices.Equal) {
		t.Errorf("these passed too: %v", out)
	}
}

func newBody(t *testing.T) *payload.Payload {
	t.Helper()
	var room bound.Count
	room.Set(2)
	body, err := payload.Of([]byte("{}"), &room)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func send(t *testing.T, u *Upstream, call tollgate.Call) (*http.Response, error) {
	t.Helper()
	body := newBody(t)
	out, err := u.Prepare(call, jsonedit.Open(body.Bytes()), "claude-any")
	if err != nil {
		t.Fatal(err)
	}
	return u.Send(t.Context(), out, body, tollgate.Principal{})
}

func TestSendPutsPathQueryAndCredential(t *testing.T) {
	var got *http.Request
	provider := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r }))
	defer provider.Close()
	for base, want := range map[string]string{
		"":         "/v1/messages/count_tokens?beta=true&x=%2F",
		"/":        "/v1/messages/count_tokens?beta=true&x=%2F",
		"/llm/v9/": "/llm/v9/v1/messages/count_tokens?beta=true&x=%2F",
	} {
		u := newUpstream(t, Config{BaseURL: provider.URL + base, Bearer: secret.New("token")})
		call := tollgate.Call{Operation: tollgate.CountTokens, Dialect: dialect.Messages, Header: http.Header{"Authorization": {"Bearer theirs"}}, RawQuery: "beta=true&x=%2F"}
		response, err := send(t, u, call)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if got.RequestURI != want || got.Header.Get("Authorization") != "Bearer token" || strings.Contains(got.UserAgent(), "Go-http") {
			t.Errorf("base %q: %s, %v", base, got.RequestURI, got.Header)
		}
	}
}

func TestARedirectIsAnAnswer(t *testing.T) {
	provider := httptest.NewServer(http.RedirectHandler("http://192.0.2.1/elsewhere", http.StatusTemporaryRedirect))
	defer provider.Close()
	u := newUpstream(t, Config{BaseURL: provider.URL, APIKey: secret.New("sk-x")})
	response, err := send(t, u, tollgate.Call{Operation: tollgate.Messages})
	if err != nil || response.StatusCode != http.StatusTemporaryRedirect {
		t.Fatal(response, err)
	}
	response.Body.Close()
}
