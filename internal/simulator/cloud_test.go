package simulator

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// place is where and how one provider is asked, for the same model everywhere.
type place struct {
	provider     Provider
	stream, once string // paths
	model        string // in the body
	more         string // members of the body
	header       map[string]string
	service      string // for which the request is signed; empty: it carries a key
}

var places = []place{
	{provider: Anthropic, stream: "/v1/messages", once: "/v1/messages", model: "claude-opus-5-5"},
	{provider: Bedrock, stream: "/bedrock/model/us.anthropic.claude-opus-5-5/invoke-with-response-stream", once: "/model/us.anthropic.claude-opus-5-5/invoke", more: `,"anthropic_version":"bedrock-2023-05-31"`, service: "bedrock"},
	{provider: BedrockMantle, stream: "/bedrock-mantle/anthropic/v1/messages", once: "/anthropic/v1/messages", model: "anthropic.claude-opus-5-5", service: "bedrock-mantle"},
	{provider: Vertex, stream: "/vertex/v1/projects/p/locations/global/publishers/anthropic/models/claude-opus-5-5:streamRawPredict", once: "/projects/p/locations/us/publishers/anthropic/models/claude-opus-5-5:rawPredict", more: `,"anthropic_version":"vertex-2023-10-16"`},
	{provider: Foundry, stream: "/foundry/v1/messages", once: "/anthropic/v1/messages", model: "claude-opus-5-5"},
	{provider: AnthropicAWS, stream: "/anthropic-aws/v1/messages", once: "/v1/messages", model: "claude-opus-5-5", service: awsService, header: map[string]string{"Anthropic-Workspace-Id": "wrkspc_01"}},
}

// body is a request for this place.
func (at place) body(stream bool, more string) string {
	text := `{"max_tokens":1000,"messages":[{"role":"user","content":"hi"}]` + at.more + more
	if at.model != "" {
		text += `,"model":"` + at.model + `"`
	}
	if stream && at.provider != Bedrock {
		text += `,"stream":true`
	}
	return text + "}"
}

// ask makes a request that this place takes.
func (at place) ask(p provider, stream bool, more string) *http.Request {
	path := at.once
	if stream {
		path = at.stream
	}
	return at.post(p, path, at.body(stream, more))
}

func (at place) post(p provider, path, body string) *http.Request {
	request := p.request("POST", path, body)
	for name, value := range at.header {
		request.Header.Set(name, value)
	}
	request.Header.Del("X-Api-Key")
	if at.service == "" {
		request.Header.Set("Authorization", "Bearer fake")
		return request
	}
	sign(p.t, request, body, at.service, "us-east-1", time.Now(), aws.Credentials{
		AccessKeyID: DefaultCloud.AccessKeyID, SecretAccessKey: DefaultCloud.SecretAccessKey,
	})
	return request
}

// sign signs as AWS's own SDK does.
func sign(t *testing.T, request *http.Request, body, service, region string, at time.Time, with aws.Credentials) {
	t.Helper()
	digest := sha256.Sum256([]byte(body))
	if err := v4.NewSigner().SignHTTP(t.Context(), with, request, hex.EncodeToString(digest[:]), service, region, at); err != nil {
		t.Fatal(err)
	}
}

func TestEveryProviderAnswers(t *testing.T) {
	p := start(t, Config{})
	for _, at := range places {
		t.Run(string(at.provider), func(t *testing.T) {
			response, text, err := p.ask(at.ask(p, true, ""))
			if err != nil || response.StatusCode != http.StatusOK {
				t.Fatalf("got %v, %v: %s", response, err, text)
			}
			h, err := readAnswer(response, text)
			if err != nil || h.stop != "end_turn" || h.model != "claude-opus-5-5" {
				t.Errorf("got %v, %+v in\n%s", err, h, text)
			}
			if response, text, err = p.ask(at.ask(p, false, "")); err != nil || !strings.Contains(text, `"stop_reason":"end_turn"`) {
				t.Errorf("got %v, %v: %s", response, err, text)
			}
			list := p.Received()
			if last := list[len(list)-1]; last.Provider != at.provider {
				t.Errorf("was taken for %s", last.Provider)
			}
		})
	}
}

// readAnswer reads a stream in either form.
func readAnswer(response *http.Response, text string) (*heard, error) {
	if response.Header.Get("Content-Type") != "application/vnd.amazon.eventstream" {
		return readStream(text)
	}
	events, err := readFrames([]byte(text))
	if err != nil {
		return nil, err
	}
	return readStream(events)
}
