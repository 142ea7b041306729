package app_test

import (
	"net"
	"net/http"
	"strings"
	"testing"

	"tollgate/client"
	"tollgate/internal/gatewaytest"
)

// TestACrowdOfAdministrators: one connection too many over the network is told
// so, and the Unix socket is still there.
func TestACrowdOfAdministrators(t *testing.T) {
	t.Parallel()
	gateway := gatewaytest.Start(t, gatewaytest.Options{Config: nowhere + `
admin: {address: "127.0.0.1:0", keys: [{name: ops, key: 0123456789abcdef, role: read}]}
`})
	for range 256 {
		connection, err := net.Dial("tcp", strings.TrimPrefix(gateway.AdminURL(), "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer connection.Close()
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, gateway.AdminURL()+"/api/v1/teams", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer 0123456789abcdef")
	response, err := new(http.Transport).RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != 529 || !response.Close {
		t.Errorf("%s, and the connection ends: %v", response.Status, response.Close)
	}
	if _, err := gateway.Admin.Requests(t.Context(), client.RequestQuery{}); err != nil {
		t.Errorf("the admin socket: %v", err)
	}
}
