package proxy_test

import (
	"net/http"
	"strings"
	"testing"

	"tollgate/api"
	"tollgate/internal/gatewaytest"
)

// TestDoctor_IsBounded: what a doctor is told needs a key, and has bounds; nothing of
// it is a request to a model.
func TestDoctor_IsBounded(t *testing.T) {
	t.Parallel()
	g := gatewaytest.Start(t, gatewaytest.Options{Upstream: "http://127.0.0.1:9", Models: []string{"claude-opus-*"}})
	for _, test := range []struct {
		method, path, key, body string
		status                  int
		says                    string
	}{
		{http.MethodGet, "/tollgate", "", "", 200, `{"product":"tollgate"}`},
		{http.MethodPost, "/tollgate/echo", "", "x", 401, "no tollgate key"},
		{http.MethodGet, "/tollgate/stream?events=1&pause=0s&silence=0s", "", "", 401, "no tollgate key"},
		{http.MethodGet, "/tollgate/plan?model=claude-opus-5-5", "", "", 401, "no tollgate key"},
		{http.MethodPost, "/tollgate/echo", g.Key, "abc", 200, `"bytes":3,"digest":"sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"`},
		{http.MethodPost, "/tollgate/echo", g.Key, strings.Repeat("x", 1<<20+1), 413, "not echoed"},
		{http.MethodGet, "/tollgate/stream?events=2&pause=0s&silence=0s", g.Key, "", 200, "data: {\"type\":\"tick\",\"number\":2}\n\n"},
		{http.MethodGet, "/tollgate/stream?events=2&pause=3h&silence=0s", g.Key, "", 400, "ask for"},
		{http.MethodGet, "/tollgate/stream?events=9999&pause=0s&silence=0s", g.Key, "", 400, "ask for"},
		{http.MethodGet, "/tollgate/stream", g.Key, "", 400, "ask for"},
		{http.MethodGet, "/tollgate/plan?model=claude-opus-5-5", g.Key, "", 200, `"upstreams":["provider"],"likely_cost_nano_usd":`},
		{http.MethodGet, "/tollgate/plan?model=claude-haiku-5-5", g.Key, "", 403, "permission_error"},
		{http.MethodGet, "/tollgate/plan?model=gpt-11", g.Key, "", 404, "not_found_error"},
		{http.MethodGet, "/tollgate/plan", g.Key, "", 400, "model is missing"},
		{http.MethodGet, "/tollgate/other", g.Key, "", 404, "nothing at this path"},
	} {
		request, err := http.NewRequestWithContext(t.Context(), test.method, g.URL+test.path, strings.NewReader(test.body))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+test.key)
		if status, text := gatewaytest.Do(t, request); status != test.status || !strings.Contains(text, test.says) || strings.Contains(text, g.Key[20:]) {
			t.Errorf("%s %s: %d %s", test.method, test.path, status, text)
		}
	}
	g.WaitRows(t, 0)
	one := int64(1)
	if _, err := g.Admin.SetLimit(t.Context(), api.NewLimit{Scope: "org", RequestsPerMinute: &one}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []int{http.StatusOK, http.StatusTooManyRequests} {
		request := g.Request(t, "/tollgate/echo", "x")
		if status, text := gatewaytest.Do(t, request); status != want {
			t.Errorf("%d %s, want %d", status, text, want)
		}
	}
}
