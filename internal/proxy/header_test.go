package proxy_test

import (
	"net/http"
	"strings"
	"testing"

	"tollgate/internal/gatewaytest"
)

// TestHeadersOfTheConnectionStayOnIt: what the provider's answer names in
// Connection is between the provider and the gateway, whatever its name. (Where
// it says close too, net/http keeps the whole line to itself.)
func TestHeadersOfTheConnectionStayOnIt(t *testing.T) {
	t.Parallel()
	provider := newRawProvider(t, stay("200 OK\r\nConnection: keep-alive, x-hop\r\nConnection: X-Other-Hop\r\nX-Hop: 1\r\nX-Other-Hop: 2\r\nKeep-Alive: timeout=5\r\nX-End: 3\r\nContent-Type: application/json", wholeAnswer))
	gateway := gatewaytest.Start(t, gatewaytest.Options{Upstream: provider.URL})
	response, err := http.DefaultClient.Do(gateway.Request(t, "/v1/messages", askWhole))
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	for _, name := range []string{"Connection", "X-Hop", "X-Other-Hop", "Keep-Alive"} {
		if lines := response.Header[name]; lines != nil {
			t.Errorf("%s: %q was passed", name, lines)
		}
	}
	if response.Header.Get("X-End") != "3" {
		t.Errorf("a header of the answer was not passed: %v", response.Header)
	}
}

// TestProject is what a developer's machine says a request is for: it is for the
// ledger, and no provider's business. What is too long is cut, and harms nobody.
func TestProject(t *testing.T) {
	t.Parallel()
	provider := newRawProvider(t, stay("200 OK\r\nContent-Type: application/json", wholeAnswer))
	gateway := gatewaytest.Start(t, gatewaytest.Options{Upstream: provider.URL})
	for _, name := range []string{"apollo", strings.Repeat("x", 10_000)} {
		request := gateway.Request(t, "/v1/messages", askWhole)
		request.Header.Set("X-Tollgate-Project", name)
		if status, text := gatewaytest.Do(t, request); status != http.StatusOK {
			t.Fatal(status, text)
		}
	}
	rows := gateway.WaitRows(t, 2)
	if rows[1].Project != "apollo" && rows[0].Project != "apollo" || len(rows[0].Project)+len(rows[1].Project) > 2000 {
		t.Errorf("%.40q and %.40q", rows[0].Project, rows[1].Project)
	}
	for _, sent := range provider.requests() {
		if strings.Contains(string(sent.head), "Tollgate") {
			t.Errorf("the provider was sent\n%s", sent.head)
		}
	}
}
