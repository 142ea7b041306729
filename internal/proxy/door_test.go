package proxy_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"

	"tollgate/internal/eventstream"
	"tollgate/internal/gatewaytest"
)

// conversation is what no dialect may touch: its spacing, its escapes, its
// order, and what the gateway has never heard of.
const conversation = `"messages" : [ {"role":"user","content":"caf\u00e9 \ud83d\ude00 \/"} ,{"role":"user","content":[{"type":"text","text":"{\"model\":\"x\"}"}]}], "max_tokens":  64, "never_heard_of":{"n":1e40,"anthropic_beta":["x"]}`

// at is a door: where a client that takes the gateway for a provider knocks,
// and what it sends.
type at struct {
	door, whole, stream, body string
	header                    http.Header
}

var doors = []at{
	{"messages", "/v1/messages?beta=true", "/v1/messages?beta=true", `{"model":"claude-opus-4-8",` + conversation + `,"stream":%v}`, http.Header{"Anthropic-Version": {"2023-06-01"}, "Anthropic-Beta": {"interleaved-thinking-2025-05-14"}}},
	{"foundry", "/foundry/v1/messages?beta=true", "/foundry/v1/messages?beta=true", `{"model":"claude-opus-4-8",` + conversation + `,"stream":%v}`, http.Header{"Anthropic-Version": {"2023-06-01"}, "Anthropic-Beta": {"interleaved-thinking-2025-05-14"}}},
	{"anthropic-aws", "/anthropic-aws/v1/messages?beta=true", "/anthropic-aws/v1/messages?beta=true", `{"model":"claude-opus-4-8",` + conversation + `,"stream":%v}`, http.Header{"Anthropic-Version": {"2023-06-01"}, "Anthropic-Beta": {"interleaved-thinking-2025-05-14"}, "Anthropic-Workspace-Id": {"wrkspc_theirs"}}},
	{"bedrock", "/bedrock/model/eu.anthropic.claude-opus-4-8/invoke", "/bedrock/model/eu.anthropic.claude-opus-4-8/invoke-with-response-stream", `{` + conversation + `,"anthropic_version":"bedrock-2023-05-31", "anthropic_beta":["interleaved-thinking-2025-05-14"]}`, nil},
	{"vertex", "/vertex/projects/theirs/locations/global/publishers/anthropic/models/claude-opus-4-8:rawPredict", "/vertex/projects/theirs/locations/global/publishers/anthropic/models/claude-opus-4-8:streamRawPredict", `{"anthropic_version":"vertex-2023-10-16",` + conversation + `,"stream":%v}`, http.Header{"Anthropic-Beta": {"interleaved-thinking-2025-05-14"}}},
}

// TestPromise1_EveryDoorToEveryProvider: whatever a client takes the gateway
// for, and whoever stands behind it, the conversation arrives as it was written,
// in the envelope that the provider takes it in, and the answer comes back in
// the client's own form. Where the two are the same, not a byte changes.
func TestPromise1_EveryDoorToEveryProvider(t *testing.T) {
	t.Parallel()
	for kind := range clouds {
		for _, d := range doors {
			for _, stream := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s to %s, stream %v", d.door, kind, stream), func(t *testing.T) {
					t.Parallel()
					provider := newRawProvider(t, answersAs(kind, stream))
					gateway := gatewaytest.Start(t, gatewaytest.Options{Config: "upstreams:\n  - " + fmt.Sprintf(clouds[kind], provider.URL) + "\n"})
					sent := d.body
					if strings.Contains(sent, "%v") {
						sent = fmt.Sprintf(sent, stream)
					}
					path := map[bool]string{false: d.whole, true: d.stream}[stream]
					request := gateway.Request(t, path, sent)
					for name, lines := range d.header {
						request.Header[name] = lines
					}
					response, err := http.DefaultTransport.RoundTrip(request)
					if err != nil {
						t.Fatal(err)
					}
					defer response.Body.Close()
					got, err := io.ReadAll(response.Body)
					if err != nil || response.StatusCode != http.StatusOK {
						t.Fatalf("%d %s %v", response.StatusCode, got, err)
					}
					checkAnswer(t, d.door, stream, response.Header, got)
					arrived := provider.requests()[0]
					checkEnvelope(t, kind, d, stream, sent, arrived)
					x := gateway.WaitRows(t, 1)[0]
					if x.Door != d.door || x.Model != "claude-opus-4-8" || x.Usage.Input != 10 || x.Usage.Output != 2 || x.Cost == 0 || x.Estimated || x.Error != "" {
						t.Errorf("the row: %+v", x)
					}
					if untouched := x.RequestDigest == x.ForwardedDigest; untouched != (sent == string(arrived.body)) || untouched && len(x.Splices) != 0 || !untouched && len(x.Splices) == 0 {
						t.Errorf("splices %q; digests %s, %s", x.Splices, x.RequestDigest, x.ForwardedDigest)
					}
				})
			}
		}
	}
}

// answersAs answers in the form of a kind of provider.
func answersAs(kind string, stream bool) func(*http.Request, net.Conn) {
	all := eventStart + eventText + eventFinal + eventEnd
	head := "200 OK\r\nConnection: close\r\n" + idHeader(kind) + ": req_provider\r\nContent-Type: "
	switch {
	case !stream:
		return stay(head+"application/json", wholeAnswer)
	case kind == "bedrock":
		var frames string
		for event := range strings.SplitAfterSeq(all, "\n\n") {
			if event != "" {
				frames += framed(event)
			}
		}
		return stay(head+"application/vnd.amazon.eventstream", frames)
	}
	return stay(head+"text/event-stream", all)
}

func checkAnswer(t *testing.T, door string, stream bool, header http.Header, got []byte) {
	t.Helper()
	want, kind := wholeAnswer, "application/json"
	if stream {
		want, kind = eventStart+eventText+eventFinal+eventEnd, "text/event-stream"
	}
	if door == "bedrock" && stream {
		kind, got = "application/vnd.amazon.eventstream", unframed(t, got)
		want = strings.TrimSuffix(dataOf(want), dataOf(eventEnd))
		got = got[:min(len(got), len(want))] // Bedrock's last event has more in it
	}
	if id := header.Get(idHeader(door)); id != "req_provider" {
		t.Errorf("the client is told the id %q in %s", id, idHeader(door))
	}
	if string(got) != want || header.Get("Content-Type") != kind {
		t.Errorf("the answer is %s:\n%s\nwant\n%s", header.Get("Content-Type"), got, want)
	}
}

// idHeader is where a kind of provider, or a client of it, has the id of a request.
func idHeader(kind string) string {
	if kind == "bedrock" {
		return "X-Amzn-Requestid"
	}
	return "Request-Id"
}

// unframed is what the chunks of an event stream hold, one after the other.
func unframed(t *testing.T, frames []byte) (all []byte) {
	t.Helper()
	decoder := eventstream.NewDecoder(func(f eventstream.Frame) {
		var chunk struct{ Bytes []byte }
		if err := json.Unmarshal(f.Payload, &chunk); err != nil {
			t.Error(err)
		}
		all = append(all, chunk.Bytes...)
	})
	if err := decoder.Feed(frames); err != nil {
		t.Error(err)
	}
	return all
}

func dataOf(events string) (all string) {
	for line := range strings.SplitSeq(events, "\n") {
		if data, found := strings.CutPrefix(line, "data: "); found {
			all += data
		}
	}
	return all
}

// checkArrived looks at what the provider got.
func checkEnvelope(t *testing.T, kind string, d at, stream bool, sent string, got rawRequest) {
	t.Helper()
	if kind == d.door && string(got.body) != sent {
		t.Errorf("the client takes the gateway for this provider, and its body was changed:\n%s\n%s", sent, got.body)
	}
	if !bytes.Contains(got.body, []byte(conversation)) {
		t.Errorf("the conversation was touched:\n%s", got.body)
	}
	var envelope struct {
		Model, Version string
		Stream         *bool
		Betas          []string
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(got.body, &members); err != nil {
		t.Fatal(err)
	}
	_ = json.Unmarshal(members["model"], &envelope.Model)
	_ = json.Unmarshal(members["stream"], &envelope.Stream)
	_ = json.Unmarshal(members["anthropic_version"], &envelope.Version)
	_ = json.Unmarshal(members["anthropic_beta"], &envelope.Betas)
	head := string(got.head)
	hasBeta := strings.Contains(strings.ToLower(head), "anthropic-beta: interleaved-thinking-2025-05-14")
	version := strings.Contains(strings.ToLower(head), "anthropic-version:")
	line, _, _ := strings.Cut(head, "\r\n")
	switch kind {
	case "bedrock":
		want := "POST /model/eu.anthropic.claude-opus-4-8/invoke" + map[bool]string{true: "-with-response-stream"}[stream] + " HTTP/1.1"
		if line != want || envelope.Model != "" || envelope.Stream != nil || envelope.Version != "bedrock-2023-05-31" || !slices.Contains(envelope.Betas, "interleaved-thinking-2025-05-14") || hasBeta || version {
			t.Errorf("%s\n%+v", head, envelope)
		}
	case "vertex":
		want := "POST /v1/projects/p/locations/global/publishers/anthropic/models/claude-opus-4-8:" + map[bool]string{false: "rawPredict", true: "streamRawPredict"}[stream] + " HTTP/1.1"
		if line != want || envelope.Model != "" || envelope.Version != "vertex-2023-10-16" || envelope.Betas != nil || !hasBeta || version || stream != (envelope.Stream != nil && *envelope.Stream) {
			t.Errorf("%s\n%+v", head, envelope)
		}
	default:
		if !strings.HasPrefix(line, "POST /v1/messages") || envelope.Model == "" || envelope.Version != "" || envelope.Betas != nil || !hasBeta || !version || stream != (envelope.Stream != nil && *envelope.Stream) {
			t.Errorf("%s\n%+v", head, envelope)
		}
	}
	if kind == "anthropic-aws" && kind != d.door && strings.Contains(head, "wrkspc_theirs") {
		t.Errorf("the workspace is the client's: %s", head)
	}
}
