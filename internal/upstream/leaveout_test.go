package upstream

import (
	"maps"
	"net/http"
	"slices"
	"testing"

	"tollgate"
)

// TestWhatIsSaidToAnotherProviderStaysHere, and so does what would cost more
// than the price list says.
func TestWhatIsSaidToAnotherProviderStaysHere(t *testing.T) {
	for _, c := range []struct {
		provider string
		passes   []string
	}{
		{"bedrock", []string{"X-Amzn-Bedrock-Guardrailidentifier"}},
		{"anthropic", []string{"Anthropic-Workspace-Id"}},
		{"vertex", nil},
	} {
		header := http.Header{"X-Amzn-Bedrock-Guardrailidentifier": {"g"}, "X-Amzn-Bedrock-Service-Tier": {"priority"}, "X-Vertex-Ai-Llm-Shared-Request-Type": {"priority"}, "Anthropic-Workspace-Id": {"wrkspc_1"}}
		(&Upstream{Provider: c.provider}).leaveOut(header, tollgate.Call{Door: "bedrock"})
		if got := slices.Sorted(maps.Keys(header)); !slices.Equal(got, c.passes) {
			t.Errorf("to %s pass %q, want %q", c.provider, got, c.passes)
		}
	}
}
