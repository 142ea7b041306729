package oracle

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/anthropics/anthropic-sdk-go/v2"
	sdkbedrock "github.com/anthropics/anthropic-sdk-go/v2/bedrock"
	"github.com/anthropics/anthropic-sdk-go/v2/option"
	sdkvertex "github.com/anthropics/anthropic-sdk-go/v2/vertex"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/google"

	"tollgate"
	"tollgate/internal/dialect/bedrock"
	"tollgate/internal/dialect/vertex"
)

// TestPromise6_ModelsStandInPathsAsTheProvidersClientsWriteThem holds the
// escaping of every name that one may come upon, and of some more. The gateway
// escapes what only has a meaning in some servers' paths: ";", "!" and the like.
func TestPromise6_ModelsStandInPathsAsTheProvidersClientsWriteThem(t *testing.T) {
	tokens := &google.Credentials{TokenSource: oauth2.StaticTokenSource(&oauth2.Token{AccessToken: "t"})}
	onBedrock := sdkbedrock.WithConfig(awsConfig())
	for _, model := range []string{
		"anthropic.claude-opus-4-8", "us.anthropic.claude-sonnet-4-5-20250929-v1:0", "claude-opus-4-5@20251101", "claude-opus-5-5[1m]",
		"arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-opus-4-8",
		"arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc123", "a b", "a%2fb", "a;b", "a+b", "a&b=c", "ä", "a?b#c", "$-_.~!*'(),",
	} {
		call := tollgate.Call{Operation: tollgate.Messages}
		if got, want := (bedrock.Dialect{}).Address(call, model).Path, careful.Replace(pathOf(t, model, onBedrock)); got != want {
			t.Errorf("on Bedrock %q is at %s, its client asks %s", model, got, want)
		}
		const behind = "/v1/projects/" + project + "/locations/" + location + "/publishers/anthropic"
		if got, want := behind+(vertex.Dialect{}).Address(call, model).Path, careful.Replace(pathOf(t, model, sdkvertex.WithCredentials(t.Context(), location, project, tokens))); got != want {
			t.Errorf("at Google %q is at %s, its client asks %s", model, got, want)
		}
	}
}

var careful = strings.NewReplacer(";", "%3B", "!", "%21", "*", "%2A", "'", "%27", "(", "%28", ")", "%29", ",", "%2C")

var errSeen = errors.New("seen")

// seen keeps the path of a request, which goes no further.
type seen struct{ path string }

func (s *seen) RoundTrip(r *http.Request) (*http.Response, error) {
	s.path = r.URL.EscapedPath()
	return nil, errSeen
}

func pathOf(t *testing.T, model string, on option.RequestOption) string {
	t.Helper()
	kept := new(seen)
	client := anthropic.NewClient(option.WithHTTPClient(&http.Client{Transport: kept}), on, once)
	_, err := client.Messages.New(t.Context(), anthropic.MessageNewParams{
		Model: model, MaxTokens: 1, Messages: []anthropic.MessageParam{anthropic.NewUserMessage(anthropic.NewTextBlock("hi"))},
	})
	if err == nil || !strings.Contains(err.Error(), errSeen.Error()) {
		t.Fatal(err)
	}
	return kept.path
}
