package oracle

import (
	"net/http/httptest"
	"testing"

	"github.com/anthropics/anthropic-sdk-go/v2"
	"github.com/anthropics/anthropic-sdk-go/v2/option"
	"github.com/anthropics/anthropic-sdk-go/v2/vertex"
	"golang.org/x/oauth2/google"

	"tollgate/internal/gatewaytest"
	"tollgate/internal/simulator"
)

// TestTheSimulatedGoogleIsOneToItsOwnLibrary: a service account's token, fetched
// and presented by Google's own library, opens the simulated Agent Platform, and
// none other does. What the gateway is tested against is as strict as that.
func TestTheSimulatedGoogleIsOneToItsOwnLibrary(t *testing.T) {
	far := simulator.New(simulator.Config{Keys: []string{gatewaytest.ProviderKey}, Cloud: simulator.Cloud{Project: project}})
	server := httptest.NewServer(far)
	t.Cleanup(server.Close)
	file, err := far.ServiceAccount(server.URL)
	must(t, err)
	issued, err := google.CredentialsFromJSONWithType(t.Context(), file, google.ServiceAccount, "https://www.googleapis.com/auth/cloud-platform")
	must(t, err)
	ask := func(credentials *google.Credentials) error {
		client := anthropic.NewClient(vertex.WithCredentials(t.Context(), location, project, credentials), option.WithBaseURL(server.URL), once)
		return calls[0].do(t.Context(), client.Beta.Messages, models[simulator.Vertex])
	}
	must(t, ask(issued))
	narrow, err := google.CredentialsFromJSONWithType(t.Context(), file, google.ServiceAccount, "https://www.googleapis.com/auth/devstorage.read_only")
	must(t, err)
	if ask(narrow) == nil {
		t.Error("a token for something else is taken")
	}
}
