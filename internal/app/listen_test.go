package app_test

import (
	"crypto/tls"
	"fmt"
	"net/http"
	"path/filepath"
	"testing"

	"tollgate/internal/gatewaytest"
)

// TestTLSOnTwoAddresses: the data plane and the admin API begin at the same
// time with the same certificate. What this holds is for the race detector.
func TestTLSOnTwoAddresses(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	cert, key := filepath.Join(folder, "tls.crt"), filepath.Join(folder, "tls.key")
	pool := gatewaytest.WriteCertificate(t, cert, key, "gateway")
	gateway := gatewaytest.Start(t, gatewaytest.Options{Config: nowhere + fmt.Sprintf(`
listen: {address: "127.0.0.1:0", tls: {cert: %q, key: %q}}
admin: {address: "127.0.0.1:0", keys: [{name: ops, key: 0123456789abcdef, role: read}]}
`, cert, key)})
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, ForceAttemptHTTP2: true}
	defer transport.CloseIdleConnections()
	for _, url := range []string{gateway.URL + "/readyz", gateway.AdminURL() + "/api/v1/teams"} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer 0123456789abcdef")
		response, err := transport.RoundTrip(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != http.StatusOK || response.Proto != "HTTP/2.0" {
			t.Errorf("%s: %s over %s", url, response.Status, response.Proto)
		}
	}
}
