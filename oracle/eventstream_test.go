package oracle

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/anthropics/anthropic-sdk-go/v2"
	sdkbedrock "github.com/anthropics/anthropic-sdk-go/v2/bedrock"
	"github.com/anthropics/anthropic-sdk-go/v2/option"
	"github.com/aws/aws-sdk-go-v2/aws/protocol/eventstream"
	"github.com/aws/aws-sdk-go-v2/aws/protocol/eventstream/eventstreamapi"

	"tollgate"
	"tollgate/internal/dialect"
	"tollgate/internal/dialect/bedrock"
)

const streamed = "application/vnd.amazon.eventstream"

// events are those of one answer, with what is escaped in more than one way.
var events = []string{
	`{"type":"message_start","message":{"id":"msg_bdrk_1","type":"message","role":"assistant","model":"claude-opus-5-5","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":7,"output_tokens":1}}}`,
	`{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}`,
	`{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"ä \"quoted\" \u003cb\u003e\n"}}`,
	`{"type":"ping"}`, `{"type":"what_nobody_knows","of":[1,{"a":null}]}`,
	`{"type":"content_block_stop","index":0}`,
	`{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":5}}`,
	`{"type":"message_stop","amazon-bedrock-invocationMetrics":{"inputTokenCount":7,"outputTokenCount":5,"invocationLatency":12,"firstByteLatency":3}}`,
}

// frame is what AWS's own encoder makes.
func frame(t *testing.T, payload []byte, headers ...string) []byte {
	t.Helper()
	message := eventstream.Message{Payload: payload}
	for i := 0; i < len(headers); i += 2 {
		message.Headers.Set(headers[i], eventstream.StringValue(headers[i+1]))
	}
	var out bytes.Buffer
	must(t, eventstream.NewEncoder().Encode(&out, message))
	return out.Bytes()
}

func chunk(t *testing.T, event string) []byte {
	t.Helper()
	payload, err := json.Marshal(map[string]string{"bytes": base64.StdEncoding.EncodeToString([]byte(event)), "p": "abcdefghij"})
	must(t, err)
	return frame(t, payload, eventstreamapi.MessageTypeHeader, eventstreamapi.EventMessageType, eventstreamapi.EventTypeHeader, "chunk", eventstreamapi.ContentTypeHeader, "application/json")
}

// TestPromise6_StreamsAreReadAsTheProvidersClientReadsThem: what AWS's encoder
// writes, read by the gateway, is what Anthropic's client makes of it.
func TestPromise6_StreamsAreReadAsTheProvidersClientReadsThem(t *testing.T) {
	var stream []byte
	for _, event := range events {
		stream = append(stream, chunk(t, event)...)
	}
	want := unmeasured(readByClient(t, stream))
	for _, size := range []int{1, 7, 100, len(stream)} {
		if got := turn(t, bedrock.Dialect{}.Decode, stream, size, streamed); got != want {
			t.Errorf("in pieces of %d bytes it is read as\n%s\nof the client\n%s", size, got, want)
		}
	}
}

// TestPromise6_StreamsAreWrittenAsAWSReadsThem: what the gateway writes at its
// Bedrock door, AWS's decoder and Anthropic's client read, each event byte for byte.
func TestPromise6_StreamsAreWrittenAsAWSReadsThem(t *testing.T) {
	var plain bytes.Buffer
	for _, event := range events {
		var kind struct{ Type string }
		must(t, json.Unmarshal([]byte(event), &kind))
		plain.WriteString("event: " + kind.Type + "\ndata: " + event + "\n\n")
	}
	for _, size := range []int{1, 7, 100, plain.Len()} {
		written := []byte(turn(t, bedrock.Dialect{}.Encode, plain.Bytes(), size, "text/event-stream"))
		got := readByClient(t, written)
		if !strings.Contains(got, `"amazon-bedrock-invocationMetrics":{"inputTokenCount":7,"outputTokenCount":5,`) {
			t.Errorf("the call is not measured in %s", got)
		}
		if want := unmeasured(plain.String()); unmeasured(got) != want {
			t.Errorf("in pieces of %d bytes the client reads\n%s\nof\n%s", size, got, want)
		}
		for _, message := range readByAWS(t, written) {
			kind, event := message.Headers.Get(eventstreamapi.MessageTypeHeader), message.Headers.Get(eventstreamapi.EventTypeHeader)
			if kind == nil || kind.String() != eventstreamapi.EventMessageType || event == nil || event.String() != "chunk" {
				t.Errorf("AWS reads the headers %v", message.Headers)
			}
		}
	}
}

// TestAnErrorInAStreamIsAnExceptionToAWS: and the client is told what happened.
func TestAnErrorInAStreamIsAnExceptionToAWS(t *testing.T) {
	stream := "event: message_start\ndata: " + events[0] + "\n\nevent: error\ndata: " + `{"type":"error","error":{"type":"overloaded_error","message":"Try \"again\"."}}` + "\n\n"
	messages := readByAWS(t, []byte(turn(t, bedrock.Dialect{}.Encode, []byte(stream), 9, "text/event-stream")))
	last := messages[len(messages)-1]
	if kind := last.Headers.Get(eventstreamapi.MessageTypeHeader); kind == nil || kind.String() != eventstreamapi.ExceptionMessageType {
		t.Fatalf("the last message has the headers %v", last.Headers)
	}
	var payload struct{ Message string }
	must(t, json.Unmarshal(last.Payload, &payload))
	if payload.Message != `Try "again".` || last.Headers.Get(eventstreamapi.ExceptionTypeHeader) == nil {
		t.Errorf("the exception is %v %s", last.Headers, last.Payload)
	}
}

// metrics are Bedrock's own measure of a call, which the gateway takes out of
// the last event and puts into it.
var metrics = regexp.MustCompile(`"amazon-bedrock-invocationMetrics":\{[^}]*\},|,"amazon-bedrock-invocationMetrics":\{[^}]*\}`)

func unmeasured(stream string) string { return metrics.ReplaceAllString(stream, "") }

func readByAWS(t *testing.T, stream []byte) (all []eventstream.Message) {
	t.Helper()
	decoder, rest := eventstream.NewDecoder(), bytes.NewReader(stream)
	for {
		message, err := decoder.Decode(rest, nil)
		if errors.Is(err, io.EOF) {
			return all
		}
		must(t, err)
		all = append(all, message.Clone())
	}
}

// readByClient is the stream that Anthropic's client hands to whoever uses it.
func readByClient(t *testing.T, stream []byte) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", streamed)
		w.Write(stream)
	}))
	defer server.Close()
	var read bytes.Buffer
	keep := option.WithMiddleware(func(r *http.Request, next option.MiddlewareNext) (*http.Response, error) {
		answer, err := next(r)
		if err == nil {
			answer.Body = struct {
				io.Reader
				io.Closer
			}{io.TeeReader(answer.Body, &read), answer.Body}
		}
		return answer, err
	})
	client := anthropic.NewClient(keep, sdkbedrock.WithConfig(awsConfig()), option.WithBaseURL(server.URL), once)
	events := client.Beta.Messages.NewStreaming(t.Context(), params("m"))
	for events.Next() {
	}
	must(t, events.Err())
	return read.String()
}

type coder = func(tollgate.Call, int, http.Header) dialect.Codec

// turn puts an answer through a codec of the gateway, in pieces.
func turn(t *testing.T, coder coder, answer []byte, size int, kind string) string {
	t.Helper()
	codec := coder(tollgate.Call{Operation: tollgate.Messages, Stream: true}, http.StatusOK, http.Header{"Content-Type": {kind}})
	var out bytes.Buffer
	for at := 0; at < len(answer); at += size {
		piece, err := codec.Turn(answer[at:min(at+size, len(answer))])
		must(t, err)
		out.Write(piece)
	}
	rest, err := codec.End()
	must(t, err)
	out.Write(rest)
	return out.String()
}
