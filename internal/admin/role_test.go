package admin_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"

	"tollgate/internal/admin"
)

// TestEveryRouteAsksWho goes through the list of routes as it stands in the
// source, so that a new one is held too: a stranger gets nothing, a reader
// changes nothing.
func TestEveryRouteAsksWho(t *testing.T) {
	source, err := os.ReadFile("rest.go")
	if err != nil {
		t.Fatal(err)
	}
	routes := regexp.MustCompile(`\{"(GET|PUT|POST|DELETE) (/[^"]*)", http`).FindAllStringSubmatch(string(source), -1)
	if len(routes) < 28 {
		t.Fatalf("only %d routes found", len(routes))
	}
	o := open(t)
	for _, route := range routes {
		method, path := route[1], admin.Base+strings.NewReplacer("{name}", "x", "{email}", "x@example.com", "{id}", "x").Replace(route[2])
		if status := o.status(t, method, path, ""); status != http.StatusUnauthorized {
			t.Errorf("%s %s answers a stranger with %d", method, path, status)
		}
		status := o.status(t, method, path, readKey)
		asks := !admin.Changes(httptest.NewRequestWithContext(t.Context(), method, path, nil))
		if asks != (method == http.MethodGet || strings.HasSuffix(path, "/preview")) {
			t.Errorf("%s %s is taken for a question: %v", method, path, asks)
		}
		if !asks && status != http.StatusForbidden {
			t.Errorf("%s %s answers a reader with %d", method, path, status)
		}
		if asks && (status == http.StatusForbidden || status == http.StatusUnauthorized) {
			t.Errorf("%s %s refuses a reader with %d", method, path, status)
		}
	}
}

// status sends a well-formed body for every route.
func (o *office) status(t *testing.T, method, path, key string) int {
	t.Helper()
	body := "{}"
	switch {
	case strings.HasSuffix(path, "/teams"):
		body = `{"name":"x"}`
	case strings.HasSuffix(path, "/developers"):
		body = `{"email":"x@example.com"}`
	case strings.HasSuffix(path, "/keys"):
		body = `{"developer":"x@example.com"}`
	case strings.Contains(path, "/budgets") && !strings.HasSuffix(path, "/raises"):
		body = `{"scope":"org","amount_nano_usd":1,"period":"day"}`
	case strings.HasSuffix(path, "/raises"):
		body = `{"by_nano_usd":1,"until":"1d","reason":"x"}`
	case strings.HasSuffix(path, "/invitations"):
		body = `{"developer":"x@example.com"}`
	case strings.HasSuffix(path, "/holds"):
		body = `{"scope":"org","reason":"x"}`
	case strings.Contains(path, "/holds/"):
		body = `{"reason":"x"}`
	case strings.Contains(path, "/limits"):
		body = `{"scope":"org","concurrent":1}`
	}
	if method == http.MethodGet {
		body = ""
	}
	request, err := http.NewRequestWithContext(t.Context(), method, o.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	if key != "" {
		request.Header.Set("Authorization", "Bearer "+key)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	return response.StatusCode
}
