package admin_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"tollgate/internal/admin"
	"tollgate/internal/secret"
)

// TestWhoMayReadMetrics: a reader is enough, a stranger is refused unless the
// configuration says otherwise, and no other address is touched.
func TestWhoMayReadMetrics(t *testing.T) {
	o := open(t)
	log := slog.New(slog.DiscardHandler)
	figures := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "figures") })
	network := admin.Network([]admin.Key{
		{Name: "prometheus", Key: secret.New(readKey), Role: admin.Read},
		{Name: "broken", Key: secret.New("broken-0123456789")},
	})
	for name, c := range map[string]struct {
		authenticate      admin.Authenticator
		method, path, key string
		status            int
	}{
		"a stranger":           {network, "GET", "/metrics", "", 401},
		"a wrong key":          {network, "GET", "/metrics", "wrong-0123456789", 401},
		"a key without a role": {network, "GET", "/metrics", "broken-0123456789", 403},
		"a reader":             {network, "GET", "/metrics", readKey, 200},
		"the socket":           {admin.Socket(), "GET", "/metrics", "", 200},
		"open to all":          {admin.Anybody(), "GET", "/metrics", "", 200},
		"HEAD":                 {network, "HEAD", "/metrics", readKey, 200},
		"no question":          {network, "POST", "/metrics", readKey, 404},
		"below":                {network, "GET", "/metrics/", readKey, 404},
		"the API":              {network, "GET", "/api/v1/teams", readKey, 200},
		"the API for all":      {network, "GET", "/api/v1/teams", "", 401},
	} {
		handler := admin.Metrics(o.service, c.authenticate, log, figures, admin.Handler(o.service, network, "", log))
		request := httptest.NewRequestWithContext(t.Context(), c.method, c.path, nil)
		if c.key != "" {
			request.Header.Set("Authorization", "Bearer "+c.key)
		}
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, request)
		told := answer.Body.String() == "figures"
		if answer.Code != c.status || answer.Header().Get("Cache-Control") != "no-store" || told != (c.status == 200 && c.path == "/metrics") {
			t.Errorf("%s: %d %v %s", name, answer.Code, answer.Header(), answer.Body)
		}
	}
}
