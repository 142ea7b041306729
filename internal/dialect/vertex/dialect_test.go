package vertex

import (
	"net/http"
	"testing"

	"tollgate"
	"tollgate/internal/dialect"
	"tollgate/internal/jsonedit"
)

func TestAddress(t *testing.T) {
	for _, c := range []struct {
		name, model string
		call        tollgate.Call
		body        string
		wantPath    string
		wantBody    string
	}{
		{
			"a stream of the Messages API", "claude-opus-4-5@20251101",
			tollgate.Call{Operation: tollgate.Messages, Dialect: dialect.Messages, Stream: true, Version: "2023-06-01"},
			`{"model":"claude-opus-4-5","max_tokens":1, "stream":true}`,
			"/models/claude-opus-4-5@20251101:streamRawPredict",
			`{"anthropic_version":"vertex-2023-10-16","max_tokens":1, "stream":true}`,
		}, {
			"an answer in one piece, in a newer version", "claude-opus-5-5",
			tollgate.Call{Operation: tollgate.Messages, Dialect: dialect.Messages, Version: "2026-10-21"},
			`{"model":"claude-opus-5-5","stream":false,"max_tokens":1}`,
			"/models/claude-opus-5-5:rawPredict",
			`{"anthropic_version":"2026-10-21","max_tokens":1}`,
		}, {
			"from Bedrock's dialect, where the path asks for a stream", "claude-opus-5-5",
			tollgate.Call{Operation: tollgate.Messages, Dialect: dialect.Bedrock, Stream: true, Version: "2023-06-01", Betas: []string{"b"}},
			`{"anthropic_version":"bedrock-2023-05-31","anthropic_beta":["b"],"max_tokens":1}`,
			"/models/claude-opus-5-5:streamRawPredict",
			`{"stream":true,"anthropic_version":"vertex-2023-10-16","max_tokens":1}`,
		}, {
			"its own dialect", "claude-opus-5-5",
			tollgate.Call{Operation: tollgate.Messages, Dialect: dialect.Vertex, Stream: true, Version: "2023-06-01"},
			`{ "stream":true, "anthropic_version" : "vertex-2023-10-16", "max_tokens":1}`,
			"/models/claude-opus-5-5:streamRawPredict",
			`{ "stream":true, "anthropic_version" : "vertex-2023-10-16", "max_tokens":1}`,
		}, {
			"counting", "claude-opus-4-5@20251101",
			tollgate.Call{Operation: tollgate.CountTokens, Dialect: dialect.Messages, Version: "2023-06-01"},
			`{"model":"claude-opus-4-5","messages":[]}`,
			"/models/count-tokens:rawPredict",
			`{"anthropic_version":"vertex-2023-10-16","model":"claude-opus-4-5@20251101","messages":[]}`,
		}, {
			"counting in its own dialect", "claude-opus-4-5@20251101",
			tollgate.Call{Operation: tollgate.CountTokens, Dialect: dialect.Vertex},
			`{"model":"claude-opus-4-5","anthropic_version":"vertex-2023-10-16"}`,
			"/models/count-tokens:rawPredict",
			`{"model":"claude-opus-4-5@20251101","anthropic_version":"vertex-2023-10-16"}`,
		}, {
			"a name that is a way", "../../x",
			tollgate.Call{Operation: tollgate.Messages, Dialect: dialect.Vertex},
			`{}`, "/models/unknown-model:rawPredict", `{}`,
		},
	} {
		envelope := Dialect{}.Address(c.call, c.model)
		edits := jsonedit.Edit([]byte(c.body))
		edits.Set(0, []byte(c.body), envelope.Members...)
		if got := string(edits.Bytes()); got != c.wantBody || envelope.Path != c.wantPath {
			t.Errorf("%s:\n got %s %s\nwant %s %s", c.name, envelope.Path, got, c.wantPath, c.wantBody)
		}
		if envelope.VersionInHeader || !envelope.BetasInHeader || envelope.Wrap != nil {
			t.Errorf("%s: %+v: betas go into a header, and nothing else does", c.name, envelope)
		}
	}
}

func TestAnswersAreThoseOfTheMessagesAPI(t *testing.T) {
	header := http.Header{"Content-Type": {"text/event-stream"}}
	call := tollgate.Call{Operation: tollgate.Messages, Stream: true}
	if (Dialect{}).Decode(call, 200, header) != nil || (Dialect{}).Encode(call, 200, header) != nil {
		t.Error("an answer is turned that has its form already")
	}
}

func TestFault(t *testing.T) {
	header := http.Header{}
	got := Dialect{}.Fault(header, dialect.Fault{Status: 429, Type: "rate_limit_error", Message: "slower", RequestID: "r1"})
	if want := `{"type":"error","error":{"type":"rate_limit_error","message":"slower"},"request_id":"r1"}`; string(got) != want || header.Get("Content-Type") != "application/json" {
		t.Errorf("got %s %v, want %s", got, header, want)
	}
}
