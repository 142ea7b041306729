package oracle

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"tollgate/internal/gatewaytest"
	"tollgate/internal/simulator"
)

// models are what each provider calls the model that is asked for.
var models = map[simulator.Provider]string{
	simulator.Bedrock: "us.anthropic.claude-opus-5-5", simulator.BedrockMantle: "anthropic.claude-opus-5-5",
	simulator.Vertex: "claude-opus-5-5", simulator.Foundry: "claude-opus-5-5", simulator.AnthropicAWS: "claude-opus-5-5",
}

// services are what requests to those at AWS are signed for.
var services = map[simulator.Provider]string{
	simulator.Bedrock: "bedrock", simulator.BedrockMantle: "bedrock-mantle", simulator.AnthropicAWS: "aws-external-anthropic",
}

// TestPromise6_TheGatewaySaysWhatTheProvidersOwnClientsSay: the same request,
// once by the client that Anthropic has made for a cloud, and once by its client
// for the API, through a gateway, to the same cloud.
func TestPromise6_TheGatewaySaysWhatTheProvidersOwnClientsSay(t *testing.T) {
	for provider, sdk := range sdks {
		for _, call := range calls {
			if call.name == "count" && provider == simulator.Bedrock {
				continue // its client does not know how
			}
			t.Run(string(provider)+" "+call.name, func(t *testing.T) {
				far := simulator.New(simulator.Config{Keep: 2, Keys: []string{gatewaytest.ProviderKey}, Cloud: simulator.Cloud{Region: region, Project: project, Workspace: workspace}})
				server := httptest.NewServer(far)
				t.Cleanup(server.Close)
				must(t, call.do(t.Context(), sdk(t, server.URL), models[provider]))
				g := gatewaytest.Start(t, gatewaytest.Options{Config: atRoot.Replace(gatewaytest.Upstreams(server.URL, provider))})
				must(t, call.do(t.Context(), throughGateway(g), "claude-opus-5-5"))
				seen := far.Received()
				compare(t, seen[1], seen[0])
				if service := services[provider]; service != "" {
					checkSignature(t, seen[0], service, strings.TrimPrefix(server.URL, "http://"))
					checkSignature(t, seen[1], service, strings.TrimPrefix(server.URL, "http://"))
				}
			})
		}
	}
}

// atRoot puts the two at the root of the simulator whose clients look at the
// whole path of a request.
var atRoot = strings.NewReplacer(`/bedrock"`, `"`, `/vertex"`, `"`)

// compare fails the test where the gateway's request differs from the client's.
func compare(t *testing.T, got, want *simulator.Received) {
	t.Helper()
	if got.Method != want.Method || got.URL != want.URL {
		t.Errorf("the gateway asks %s %s, the client %s %s", got.Method, got.URL, want.Method, want.URL)
	}
	mine, theirs := members(t, got.Body), members(t, want.Body)
	for name := range union(mine, theirs) {
		if !bytes.Equal(mine[name], theirs[name]) {
			t.Errorf("the member %s is %s, of the client %s", name, mine[name], theirs[name])
		}
	}
	for name := range union(got.Header, want.Header) {
		if !slices.Contains(ownHeaders, name) && !signed(got, want, name) && !slices.Equal(got.Header[name], want.Header[name]) {
			t.Errorf("the header %s is %q, of the client %q", name, got.Header[name], want.Header[name])
		}
	}
}

// ownHeaders have to differ: what goes with a signature, and what the transport
// sets by itself.
var ownHeaders = []string{"X-Amz-Date", "X-Amz-Content-Sha256", "Accept-Encoding", "Content-Length"}

// signed says whether both have a signature under this name, of which
// checkSignature knows.
func signed(got, want *simulator.Received, name string) bool {
	const algorithm = "AWS4-HMAC-SHA256 "
	return strings.HasPrefix(got.Header.Get(name), algorithm) && strings.HasPrefix(want.Header.Get(name), algorithm)
}

func union[V any](a, b map[string]V) map[string]V {
	both := maps.Clone(a)
	maps.Copy(both, b)
	return both
}

func members(t *testing.T, body []byte) map[string]json.RawMessage {
	t.Helper()
	var object map[string]json.RawMessage
	must(t, json.Unmarshal(body, &object))
	return object
}

// checkSignature signs what arrived once more with AWS's own signer, at the time
// that the request names.
func checkSignature(t *testing.T, got *simulator.Received, service, host string) {
	t.Helper()
	at, err := time.Parse("20060102T150405Z", got.Header.Get("X-Amz-Date"))
	must(t, err)
	address, err := url.Parse("http://" + host + got.URL)
	must(t, err)
	again := &http.Request{Method: got.Method, URL: address, Host: host, Header: http.Header{}}
	_, rest, _ := strings.Cut(got.Header.Get("Authorization"), "SignedHeaders=")
	signed, _, _ := strings.Cut(rest, ",")
	for name := range strings.SplitSeq(signed, ";") {
		switch name = http.CanonicalHeaderKey(name); name {
		case "Host", "X-Amz-Date":
		case "Content-Length":
			again.ContentLength = int64(len(got.Body))
		default:
			again.Header[name] = got.Header[name]
		}
	}
	credentials, err := awsConfig().Credentials.Retrieve(t.Context())
	must(t, err)
	must(t, v4.NewSigner().SignHTTP(t.Context(), credentials, again, digest(got.Body), service, region, at))
	if want := again.Header.Get("Authorization"); got.Header.Get("Authorization") != want {
		t.Errorf("the signature is %s, AWS's signer makes %s", got.Header.Get("Authorization"), want)
	}
}

func digest(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}
