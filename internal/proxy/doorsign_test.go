package proxy_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"tollgate/internal/gatewaytest"
)

// TestWhoAsksForSomethingElseIsToldWhatIsServed at the door where he asks, and
// which variable leads there.
func TestWhoAsksForSomethingElseIsToldWhatIsServed(t *testing.T) {
	gateway := gatewaytest.Start(t, gatewaytest.Options{Upstream: "http://127.0.0.1:9"})
	for door, variable := range map[string]string{
		"": "ANTHROPIC_BASE_URL", "/bedrock": "ANTHROPIC_BEDROCK_BASE_URL", "/vertex": "ANTHROPIC_VERTEX_BASE_URL",
		"/foundry": "ANTHROPIC_FOUNDRY_BASE_URL", "/anthropic-aws": "ANTHROPIC_AWS_BASE_URL",
	} {
		answer, err := http.Post(gateway.URL+door+"/nonsense", "application/json", strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		said, _ := io.ReadAll(answer.Body)
		answer.Body.Close()
		if answer.StatusCode != http.StatusNotFound || !strings.Contains(string(said), "check its "+variable+", which must") || door != "" && !strings.Contains(string(said), `"behind `+door+" this gateway serves ") {
			t.Errorf("%s: %d %s", door, answer.StatusCode, said)
		}
	}
}
