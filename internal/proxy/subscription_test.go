package proxy_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"

	"tollgate"
	"tollgate/api"
	"tollgate/internal/gatewaytest"
)

// loginCanary is a developer's own credential; it must turn up nowhere but at
// Anthropic's.
const loginCanary = "sk-ant-oat01-canarylogincanarylogin"

const passed = "subscriptions: {passthrough: true}\n"

// atAnthropic is a configuration with one upstream of Anthropic's own behind one of
// another provider, which is preferred.
func atAnthropic(first, second string) string {
	return fmt.Sprintf("upstreams:\n  - {name: cloud, provider: foundry, base_url: %q, api_key: cloudkey}\n  - {name: anthropic, provider: anthropic, base_url: %q, api_key: gatewaykey}\n", first+"/anthropic", second)
}

// askWithLogin is a request as Claude Code makes it with a login of its own.
func askWithLogin(t *testing.T, g *gatewaytest.Gateway, path, body string, header ...string) (*http.Response, string) {
	t.Helper()
	request := g.Request(t, path, body)
	request.Header.Del("X-Api-Key")
	request.Header.Set("Authorization", "Bearer "+loginCanary)
	request.Header.Set("Anthropic-Beta", "claude-code-20250219,oauth-2025-04-20")
	for i := 0; i+1 < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(text)
}

const limitsHead = "\r\nAnthropic-Ratelimit-Unified-Status: allowed\r\nAnthropic-Ratelimit-Unified-5h-Utilization: 0.4\r\nRequest-Id: req_own\r\nContent-Type: application/json"

// TestSubscription_GoesToAnthropicAlone, as it came, with what Anthropic says of its
// limits, and costs no budget anything.
func TestSubscription_GoesToAnthropicAlone(t *testing.T) {
	t.Parallel()
	cloud := newRawProvider(t, stay("200 OK\r\nContent-Type: application/json", wholeAnswer))
	anthropic := newRawProvider(t, stay("200 OK"+limitsHead, wholeAnswer))
	g := gatewaytest.Start(t, gatewaytest.Options{Config: atAnthropic(cloud.URL, anthropic.URL) + passed})
	if _, err := g.Admin.SetBudget(t.Context(), api.NewBudget{Scope: "org", AmountNanoUSD: 1, Period: "day"}); err != nil {
		t.Fatal(err)
	}
	if status, _ := g.Ask(t, askWhole); status != http.StatusOK {
		t.Fatal(status)
	}
	if status, _ := g.Ask(t, askWhole); status != http.StatusTooManyRequests { // what there was is spent
		t.Fatal(status)
	}
	response, text := askWithLogin(t, g, "/v1/messages?beta=true", askWhole)
	if response.StatusCode != http.StatusOK || text != wholeAnswer {
		t.Fatalf("%d %s", response.StatusCode, text)
	}
	if response.Header.Get("Anthropic-Ratelimit-Unified-5h-Utilization") != "0.4" || response.Header.Get("Request-Id") != "req_own" {
		t.Errorf("the limits were not passed: %v", response.Header)
	}
	sent := anthropic.requests()
	if len(sent) != 1 || len(cloud.requests()) != 1 {
		t.Fatalf("%d and %d requests arrived", len(sent), len(cloud.requests()))
	}
	head := string(sent[0].head)
	for _, want := range []string{"Authorization: Bearer " + loginCanary + "\r\n", "Anthropic-Beta: claude-code-20250219,oauth-2025-04-20\r\n"} {
		if !strings.Contains(head+"\r\n", want) {
			t.Errorf("%q was not sent in\n%s", want, head)
		}
	}
	if strings.Contains(head, "gatewaykey") || strings.Contains(head, "X-Api-Key") || string(sent[0].body) != askWhole {
		t.Errorf("what was sent is\n%s\n%s", head, sent[0].body)
	}
	rows := g.WaitRows(t, 3)
	x := rows[slices.IndexFunc(rows, func(x *tollgate.Exchange) bool { return x.Credential != "" })]
	if x.Credential != tollgate.Subscription || x.Service != "subscription" || x.Key != "" || x.Cost != 0 || x.Usage.Input != 10 || x.Upstream != "anthropic" || x.Estimated {
		t.Errorf("%+v", x)
	}
	places := filesOf(t, g.Dir)
	places["the log"] = g.Log()
	lookFor(t, places, "the login", loginCanary)
}

// TestSubscription_OfADeveloper: a key beside says whose it is, and what it may.
func TestSubscription_OfADeveloper(t *testing.T) {
	t.Parallel()
	anthropic := newRawProvider(t, stay("200 OK"+limitsHead, wholeAnswer))
	g := gatewaytest.Start(t, gatewaytest.Options{Upstream: anthropic.URL, Config: passed, Models: []string{"claude-opus-*"}})
	response, text := askWithLogin(t, g, "/v1/messages", askWhole, "X-Tollgate-Key", g.Key)
	if response.StatusCode != http.StatusOK {
		t.Fatalf("%d %s", response.StatusCode, text)
	}
	x := g.WaitRows(t, 1)[0]
	if x.Developer != "ann@example.com" || x.Key == "" || x.Credential != tollgate.Subscription || x.Cost != 0 {
		t.Errorf("%+v", x)
	}
	if head := string(anthropic.requests()[0].head); strings.Contains(head, "tgk_") || strings.Contains(head, "Tollgate") {
		t.Errorf("the key was sent to Anthropic:\n%s", head)
	}
	if response, text = askWithLogin(t, g, "/v1/messages", strings.Replace(askWhole, "opus", "haiku", 1), "X-Tollgate-Key", g.Key); response.StatusCode != http.StatusForbidden {
		t.Errorf("a model that the key may not use: %d %s", response.StatusCode, text)
	}
	if response, text = askWithLogin(t, g, "/v1/messages", askWhole, "X-Tollgate-Key", g.Key+"x"); response.StatusCode != http.StatusUnauthorized {
		t.Errorf("a wrong key: %d %s", response.StatusCode, text)
	}
	if response, text = askWithLogin(t, g, "/v1/messages", askWhole, "X-Api-Key", g.Key); response.StatusCode != http.StatusOK {
		t.Errorf("a key in its usual place: %d %s", response.StatusCode, text)
	}
	if head := string(anthropic.requests()[1].head); strings.Contains(head, loginCanary) {
		t.Errorf("beside a key in its usual place the login was sent:\n%s", head)
	}
}

// TestSubscription_IsRefused where it is not to be passed through, with a sentence
// that says what to set.
func TestSubscription_IsRefused(t *testing.T) {
	t.Parallel()
	anthropic := newRawProvider(t, stay("200 OK"+limitsHead, wholeAnswer))
	for config, want := range map[string]string{
		"": "set ANTHROPIC_AUTH_TOKEN",
		"subscriptions: {passthrough: true, require_key: true}\n": "x-tollgate-key",
	} {
		g := gatewaytest.Start(t, gatewaytest.Options{Upstream: anthropic.URL, Config: config})
		response, text := askWithLogin(t, g, "/v1/messages", askWhole)
		if response.StatusCode != http.StatusUnauthorized || !isEnvelope([]byte(text), "authentication_error") || !strings.Contains(text, want) || response.Header.Get("X-Should-Retry") != "false" {
			t.Errorf("%q: %d %s %v", config, response.StatusCode, text, response.Header)
		}
		g.WaitRows(t, 0)
		g.Stop(t)
	}
	cloud := newRawProvider(t, stay("200 OK\r\nContent-Type: application/json", wholeAnswer))
	g := gatewaytest.Start(t, gatewaytest.Options{Config: fmt.Sprintf("upstreams: [{name: cloud, provider: foundry, base_url: %q, api_key: k}]\n", cloud.URL+"/anthropic") + passed})
	if response, text := askWithLogin(t, g, "/v1/messages", askWhole); response.StatusCode != http.StatusNotFound || !strings.Contains(text, "good nowhere else") {
		t.Errorf("%d %s", response.StatusCode, text)
	}
	if len(anthropic.requests())+len(cloud.requests()) != 0 {
		t.Error("a login was sent somewhere")
	}
}

// TestSubscription_SaysNothingOfTheGateway: what Anthropic answers to a developer's
// own login is his, word by word, and no upstream rests for it.
func TestSubscription_SaysNothingOfTheGateway(t *testing.T) {
	t.Parallel()
	const said = `{"type":"error","error":{"type":"rate_limit_error","message":"your own limit"}}`
	for _, status := range []string{"401 Unauthorized", "429 Too Many Requests", "529 Overloaded"} {
		anthropic := newRawProvider(t, func(r *http.Request, c net.Conn) {
			if strings.Contains(r.Header.Get("Authorization"), "oat01") {
				stay(status+limitsHead+"\r\nRetry-After: 4000", said)(r, c)
				return
			}
			stay("200 OK\r\nContent-Type: application/json", wholeAnswer)(r, c)
		})
		spare := newRawProvider(t, stay("200 OK\r\nContent-Type: application/json", wholeAnswer))
		g := gatewaytest.Start(t, gatewaytest.Options{Config: fmt.Sprintf("upstreams:\n  - {name: anthropic, provider: anthropic, base_url: %q, api_key: k}\n  - {name: spare, provider: anthropic, base_url: %q, api_key: k}\n", anthropic.URL, spare.URL) + passed})
		response, text := askWithLogin(t, g, "/v1/messages", askWhole)
		if !strings.HasPrefix(response.Status, status[:3]) || text != said || response.Header.Get("X-Should-Retry") != "" || response.Header.Get("Retry-After") != "4000" {
			t.Errorf("%s: %s %s %v", status, response.Status, text, response.Header)
		}
		if status, text := g.Ask(t, askWhole); status != http.StatusOK {
			t.Errorf("%d %s", status, text)
		}
		rows := g.WaitRows(t, 2)
		if at := slices.IndexFunc(rows, func(x *tollgate.Exchange) bool { return x.Credential == "" }); rows[at].Upstream != "anthropic" || len(spare.requests()) != 0 {
			t.Errorf("%s: another upstream was asked after it", status)
		}
		if strings.Contains(g.Log(), "own credential") {
			t.Errorf("%s: the log says that the gateway's credential is refused", status)
		}
		g.Stop(t)
	}
}

// TestSubscription_HasLimits: those without a key are counted together.
func TestSubscription_HasLimits(t *testing.T) {
	t.Parallel()
	anthropic := newRawProvider(t, stay("200 OK"+limitsHead, wholeAnswer))
	g := gatewaytest.Start(t, gatewaytest.Options{Upstream: anthropic.URL, Config: passed})
	one := int64(1)
	if _, err := g.Admin.SetLimit(t.Context(), api.NewLimit{Scope: "service:subscription", RequestsPerMinute: &one}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []int{http.StatusOK, http.StatusTooManyRequests} {
		if response, text := askWithLogin(t, g, "/v1/messages", askWhole); response.StatusCode != want {
			t.Errorf("%d %s, want %d", response.StatusCode, text, want)
		}
	}
}

// TestSubscription_HasNoKey: nobody is taken for a subscription.
func TestSubscription_HasNoKey(t *testing.T) {
	t.Parallel()
	g := gatewaytest.Start(t, gatewaytest.Options{Upstream: "http://127.0.0.1:9"})
	if _, err := g.Admin.CreateKey(t.Context(), api.NewKey{Service: tollgate.Subscription}); err == nil || !strings.Contains(err.Error(), "call yours something else") {
		t.Errorf("%v", err)
	}
}

// TestSubscription_CountsAndLists: tokens are counted and models listed too.
func TestSubscription_CountsAndLists(t *testing.T) {
	t.Parallel()
	anthropic := newRawProvider(t, stay("200 OK"+limitsHead, `{"input_tokens":7}`))
	g := gatewaytest.Start(t, gatewaytest.Options{Upstream: anthropic.URL, Config: passed})
	if response, text := askWithLogin(t, g, "/v1/messages/count_tokens", askWhole); response.StatusCode != http.StatusOK || text != `{"input_tokens":7}` {
		t.Errorf("%d %s", response.StatusCode, text)
	}
	for path, want := range map[string]int{"/v1/models": http.StatusOK, "/api/oauth/usage": http.StatusNotFound} {
		request, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, g.URL+path, nil)
		request.Header.Set("Authorization", "Bearer "+loginCanary)
		request.Header.Set("Anthropic-Beta", "oauth-2025-04-20")
		if status, text := gatewaytest.Do(t, request); status != want {
			t.Errorf("%s: %d %s", path, status, text)
		}
	}
}
