package client_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"tollgate/api"
	"tollgate/client"
)

const key = "canary-0123456789abcdef"

// gateway is an address that answers everything in one way and remembers what
// it was asked.
func gateway(t *testing.T, status int, body string, headers ...string) (c *client.Client, asked *[]string) {
	t.Helper()
	asked = new([]string)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*asked = append(*asked, r.Method+" "+r.RequestURI+" "+r.Header.Get("Authorization"))
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}))
	t.Cleanup(server.Close)
	c, err := client.New(server.URL, key)
	if err != nil {
		t.Fatal(err)
	}
	return c, asked
}

func TestRefusalIsAnError(t *testing.T) {
	c, _ := gateway(t, 404, `{"error":{"type":"not_found_error","message":"there is no team"}}`)
	_, err := c.Team(t.Context(), "x")
	refusal, ok := errors.AsType[*client.Error](err)
	if !ok || *refusal != (client.Error{Status: 404, Type: "not_found_error", Message: "there is no team"}) {
		t.Errorf("got %#v", err)
	}
}

func TestWhatIsNoAdminAPIIsSaidToBeNone(t *testing.T) {
	for _, test := range []struct {
		status int
		body   string
	}{
		{502, "<html>bad gateway</html>"},
		{404, `{"type":"error"}`},
		{200, "<html>welcome</html>"},
		{401, ""},
		{404, `{"type":"error","error":{"type":"not_found_error","message":"no such door"},"request_id":"req_0"}`},
	} {
		c, _ := gateway(t, test.status, test.body)
		_, err := c.Teams(t.Context())
		if err == nil || !strings.Contains(err.Error(), "but not as tollgate's admin API") || strings.Contains(err.Error(), "html>") || strings.Contains(err.Error(), "no such door") {
			t.Errorf("%d %q: %v", test.status, test.body, err)
		}
	}
}

func TestPromise6_RedirectIsNotFollowedWithAKey(t *testing.T) {
	asked := false
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	t.Cleanup(elsewhere.Close)
	c, _ := gateway(t, 307, "", "Location", elsewhere.URL)
	if _, err := c.Teams(t.Context()); err == nil || asked {
		t.Errorf("the redirect was followed: %v, %v", asked, err)
	}
}

func TestPromise6_ClientAndItsErrorsDoNotShowTheKey(t *testing.T) {
	c, _ := gateway(t, 500, "")
	_, err := c.Teams(t.Context())
	closed, newErr := client.New("http://127.0.0.1:1", key)
	if newErr != nil {
		t.Fatal(newErr)
	}
	_, unreachable := closed.Teams(t.Context())
	shown := fmt.Sprintf("%+v %#v %+v %+v", c, *c, err, unreachable)
	if strings.Contains(shown, key) {
		t.Errorf("the key is in %s", shown)
	}
}

func TestKeyTravelsOnlyWhereItIsSafe(t *testing.T) {
	for address, fine := range map[string]bool{
		"https://gateway.example.com:8081": true, "https://gateway.example.com/": true,
		"http://127.0.0.1:8081": true, "http://[::1]:8081": true, "http://localhost:8081": true,
		"http://gateway.example.com": false, "http://127.0.0.1.example.com": false, "http://10.0.0.1": false,
		"ftp://127.0.0.1": false, "gateway": false, "": false, "https://": false, "https://u:p@gateway.example.com": false,
	} {
		if _, err := client.New(address, key); (err == nil) != fine {
			t.Errorf("%q: %v", address, err)
		}
	}
}

func TestNamesCannotLeadElsewhere(t *testing.T) {
	c, asked := gateway(t, 200, `{}`)
	for _, name := range []string{"a/b", "a?b=c", "a%2fb", "a b", "ü"} {
		if _, err := c.Team(t.Context(), name); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := c.Usage(t.Context(), client.UsageQuery{By: []string{"developer", "day"}, Where: []string{"model=x[1m]", "team=a&b"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.RotateKey(t.Context(), "id", api.KeyRotation{Grace: "1h"}); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"GET /api/v1/teams/a%2Fb", "GET /api/v1/teams/a%3Fb=c", "GET /api/v1/teams/a%252fb", "GET /api/v1/teams/a%20b", "GET /api/v1/teams/%C3%BC",
		"GET /api/v1/usage?by=developer%2Cday&where=model%3Dx%5B1m%5D&where=team%3Da%26b", "POST /api/v1/keys/id/rotate",
	}
	for i, line := range *asked {
		if line != want[i]+" Bearer "+key {
			t.Errorf("asked %s, want %s", line, want[i])
		}
	}
}

func TestRulesHaveTheirAddresses(t *testing.T) {
	c, asked := gateway(t, 200, `{}`)
	ctx := t.Context()
	for _, ask := range []func() error{
		func() error { _, err := c.SetBudget(ctx, api.NewBudget{}); return err },
		func() error { _, err := c.Budgets(ctx); return err },
		func() error { _, err := c.Budget(ctx, "bgt_1"); return err },
		func() error { _, err := c.Budget(ctx, "../keys"); return err },
		func() error { return c.RemoveBudget(ctx, "bgt_1") },
		func() error { _, err := c.RaiseBudget(ctx, "bgt_1", api.NewRaise{}); return err },
		func() error { _, err := c.PreviewBudget(ctx, api.BudgetPreview{}); return err },
		func() error { _, err := c.TestAlerts(ctx); return err },
		func() error { _, err := c.SetLimit(ctx, api.NewLimit{}); return err },
		func() error { _, err := c.Limits(ctx); return err },
		func() error { _, err := c.Limit(ctx, "lim_1"); return err },
		func() error { return c.RemoveLimit(ctx, "lim_1") },
		func() error { _, err := c.PreviewLimit(ctx, api.LimitPreview{}); return err },
	} {
		if err := ask(); err != nil {
			t.Error(err)
		}
	}
	want := []string{
		"PUT /api/v1/budgets", "GET /api/v1/budgets", "GET /api/v1/budgets/bgt_1", "GET /api/v1/budgets/..%2Fkeys", "DELETE /api/v1/budgets/bgt_1",
		"POST /api/v1/budgets/bgt_1/raises", "POST /api/v1/budgets/preview", "POST /api/v1/budgets/alert-test",
		"PUT /api/v1/limits", "GET /api/v1/limits", "GET /api/v1/limits/lim_1", "DELETE /api/v1/limits/lim_1", "POST /api/v1/limits/preview",
	}
	for i, line := range want {
		if len(*asked) != len(want) || (*asked)[i] != line+" Bearer "+key {
			t.Fatalf("asked\n%s\nwant\n%s", strings.Join(*asked, "\n"), strings.Join(want, "\n"))
		}
	}
}

// What is zero or empty and means something is sent.
func TestNothingIsLeftOutThatMeansSomething(t *testing.T) {
	for want, sent := range map[string]any{
		`{"scope":"org","amount_nano_usd":0,"period":"day"}`:                              api.NewBudget{Scope: "org", Period: "day"},
		`{"scope":"org","amount_nano_usd":1,"period":"day","hard":false,"alert_at":[]}`:   api.NewBudget{Scope: "org", AmountNanoUSD: 1, Period: "day", Hard: new(false), AlertAt: new([]int{})},
		`{"scope":"org","amount_nano_usd":1,"period":"day","since":"1d"}`:                 api.BudgetPreview{NewBudget: api.NewBudget{Scope: "org", AmountNanoUSD: 1, Period: "day"}, PreviewSpan: api.PreviewSpan{Since: "1d"}},
		`{"scope":"org","models":["a"],"each":true,"requests_per_minute":5,"until":"1d"}`: api.LimitPreview{NewLimit: api.NewLimit{Scope: "org", Models: []string{"a"}, Each: true, RequestsPerMinute: new(int64(5))}, PreviewSpan: api.PreviewSpan{Until: "1d"}},
	} {
		if text, err := json.Marshal(sent); err != nil || string(text) != want {
			t.Errorf("sent %s (%v), want %s", text, err, want)
		}
	}
}

func TestNobodyAtTheSocket(t *testing.T) {
	_, err := client.Socket(filepath.Join(t.TempDir(), "admin.sock")).Version(t.Context())
	if err == nil || !strings.HasPrefix(err.Error(), "the gateway cannot be reached: dial unix") {
		t.Errorf("got %v", err)
	}
}

func TestAddressMayHaveAPath(t *testing.T) {
	var asked string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = r.URL.Path
		fmt.Fprint(w, "{}")
	}))
	t.Cleanup(server.Close)
	c, err := client.New(server.URL+"/tollgate/", key)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Version(t.Context()); err != nil || asked != "/tollgate/api/v1/version" {
		t.Errorf("asked %s, %v", asked, err)
	}
}

// TestAnAnswerThatIsTooLong is said to be that, and not to be another's.
func TestAnAnswerThatIsTooLong(t *testing.T) {
	const body = `{"data":[{"name":"a"}],"next":null}`
	for most, fits := range map[int64]bool{int64(len(body)): true, int64(len(body)) - 1: false} {
		c, _ := gateway(t, 200, body)
		c.SetMost(most)
		_, err := c.Teams(t.Context())
		if fits && err != nil || !fits && (err == nil || !strings.Contains(err.Error(), "longer than") || !strings.Contains(err.Error(), "ask for less")) {
			t.Errorf("with room for %d of %d bytes: %v", most, len(body), err)
		}
	}
}
