package bedrock

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"

	"tollgate"
	"tollgate/internal/dialect"
	"tollgate/internal/jsonedit"
)

func TestAddress(t *testing.T) {
	const arn = "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-opus-5-5"
	for _, c := range []struct {
		name, model string
		call        tollgate.Call
		body        string
		wantPath    string
		wantBody    string
	}{
		{
			"a stream of the Messages API", "us.anthropic.claude-opus-4-5-20251101-v1:0",
			tollgate.Call{Operation: tollgate.Messages, Dialect: dialect.Messages, Stream: true, Version: "2023-06-01", Betas: []string{"a", "b"}},
			`{"model":"claude-opus-4-5","max_tokens":1, "stream":true}`,
			"/model/us.anthropic.claude-opus-4-5-20251101-v1:0/invoke-with-response-stream",
			`{"anthropic_version":"bedrock-2023-05-31","anthropic_beta":["a","b"],"max_tokens":1}`,
		}, {
			"an answer in one piece, in a newer version, without betas", arn,
			tollgate.Call{Operation: tollgate.Messages, Dialect: dialect.Messages, Version: "2026-10-21"},
			`{"max_tokens":1,"model":"claude-opus-5-5","stream":false}`,
			"/model/arn:aws:bedrock:us-east-1:123456789012:inference-profile%2Fus.anthropic.claude-opus-5-5/invoke",
			`{"anthropic_version":"2026-10-21","max_tokens":1}`,
		}, {
			"from Vertex' dialect", "anthropic.claude-opus-5-5",
			tollgate.Call{Operation: tollgate.Messages, Dialect: dialect.Vertex, Stream: true, Version: "2023-06-01"},
			`{"anthropic_version":"vertex-2023-10-16","stream":true,"anthropic_beta":["dropped"]}`,
			"/model/anthropic.claude-opus-5-5/invoke-with-response-stream",
			`{"anthropic_version":"bedrock-2023-05-31"}`,
		}, {
			"its own dialect", "anthropic.claude-opus-5-5",
			tollgate.Call{Operation: tollgate.Messages, Dialect: dialect.Bedrock, Stream: true, Version: "2026-10-21", Betas: []string{"a"}},
			`{ "anthropic_version" : "bedrock-2023-05-31", "anthropic_beta" : [ "x" ] }`,
			"/model/anthropic.claude-opus-5-5/invoke-with-response-stream",
			`{ "anthropic_version" : "bedrock-2023-05-31", "anthropic_beta" : [ "x" ] }`,
		}, {
			"its own dialect, with what has no place in it", "anthropic.claude-opus-5-5",
			tollgate.Call{Operation: tollgate.Messages, Dialect: dialect.Bedrock},
			`{"model":"x","max_tokens":1,"stream":true}`,
			"/model/anthropic.claude-opus-5-5/invoke", `{"max_tokens":1}`,
		}, {
			"a name that is a way", "../../x",
			tollgate.Call{Operation: tollgate.Messages, Dialect: dialect.Bedrock},
			`{}`, "/model/unknown-model/invoke", `{}`,
		}, {
			"counting", arn,
			tollgate.Call{Operation: tollgate.CountTokens, Dialect: dialect.Messages},
			`{"model":"claude-opus-5-5","messages":[]}`,
			"/model/anthropic.claude-opus-5-5/count-tokens",
			wrapped(`{"anthropic_version":"bedrock-2023-05-31","max_tokens":32000,"messages":[]}`),
		}, {
			"counting what has a bound of its own", "global.anthropic.claude-opus-4-6-v1",
			tollgate.Call{Operation: tollgate.CountTokens, Dialect: dialect.Messages, MaxTokens: 7},
			`{"model":"claude-opus-4-6","max_tokens":7}`,
			"/model/anthropic.claude-opus-4-6-v1/count-tokens",
			wrapped(`{"anthropic_version":"bedrock-2023-05-31","max_tokens":7}`),
		}, {
			"counting in its own dialect", "jp.anthropic.claude-opus-5-5",
			tollgate.Call{Operation: tollgate.CountTokens, Dialect: dialect.Bedrock},
			wrapped(`{"x":1}`), "/model/anthropic.claude-opus-5-5/count-tokens", wrapped(`{"x":1}`),
		},
	} {
		envelope := Dialect{}.Address(c.call, c.model)
		edits := jsonedit.Edit([]byte(c.body))
		edits.Set(0, []byte(c.body), envelope.Members...)
		body := edits.Bytes()
		if envelope.Wrap != nil {
			body = envelope.Wrap(body)
		}
		if string(body) != c.wantBody || envelope.Path != c.wantPath {
			t.Errorf("%s:\n got %s %s\nwant %s %s", c.name, envelope.Path, body, c.wantPath, c.wantBody)
		}
		if envelope.VersionInHeader || envelope.BetasInHeader {
			t.Errorf("%s: %+v: neither version nor betas go into headers", c.name, envelope)
		}
	}
}

func wrapped(body string) string {
	return `{"input":{"invokeModel":{"body":"` + base64.StdEncoding.EncodeToString([]byte(body)) + `"}}}`
}

func TestFoundation(t *testing.T) {
	for model, want := range map[string]string{
		"anthropic.claude-opus-5-5":                                          "anthropic.claude-opus-5-5",
		"us-gov.anthropic.claude-sonnet-4-5-20250929-v1:0":                   "anthropic.claude-sonnet-4-5-20250929-v1:0",
		"arn:aws:bedrock:eu-west-1::foundation-model/anthropic.claude-x":     "anthropic.claude-x",
		"arn:aws:bedrock:eu-west-1:1:application-inference-profile/abc123":   "abc123",
		"arn:aws:bedrock:eu-west-1:1:inference-profile/eu.anthropic.claude-": "anthropic.claude-",
	} {
		if got := foundation(model); got != want {
			t.Errorf("foundation(%q) = %q, want %q", model, got, want)
		}
	}
}

func TestUnwrapCount(t *testing.T) {
	for _, c := range []struct{ body, want, complaint string }{
		{wrapped(`{"max_tokens":1}`), `{"max_tokens":1}`, ""},
		{`{"input":{"converse":{}}}`, "", "missing"},
		{`{}`, "", "missing"},
		{`not JSON`, "", "missing"},
		{`{"input":{"invokeModel":{"body":7}}}`, "", "not base64"},
		{`{"input":{"invokeModel":{"body":"%%"}}}`, "", "not base64"},
	} {
		got, err := UnwrapCount([]byte(c.body))
		switch {
		case string(got) != c.want || (err == nil) != (c.complaint == ""):
			t.Errorf("%s: %q, %v", c.body, got, err)
		case err != nil && !strings.Contains(err.Error(), c.complaint):
			t.Errorf("%s: %v, want a word of %q", c.body, err, c.complaint)
		}
	}
}

func TestCountsAreTurned(t *testing.T) {
	counting := tollgate.Call{Operation: tollgate.CountTokens}
	in := func() dialect.Codec { return Dialect{}.Decode(counting, 200, http.Header{}) }
	out := func() dialect.Codec { return Dialect{}.Encode(counting, 200, http.Header{}) }
	for _, c := range []struct {
		name  string
		codec func() dialect.Codec
		body  string
		want  string
		fails bool
	}{
		{"Bedrock's", in, `{"inputTokens": 2095}`, `{"input_tokens":2095}`, false},
		{"the Messages API's", out, `{"input_tokens":7,"context_management":{}}`, `{"inputTokens":7}`, false},
		{"one that broke off", in, `{"inputTok`, "", true},
		{"another object", in, `{"tokens":1}`, "", true},
		{"endless", in, strings.Repeat(" ", maxCount+1), "", true},
	} {
		for _, size := range []int{1, len(c.body)} {
			got, err := turn(c.codec(), []byte(c.body), size)
			if got != c.want || (err != nil) != c.fails {
				t.Errorf("%s, pieces of %d: %q, %v", c.name, size, got, err)
			}
		}
	}
}

// turn feeds an answer in pieces, each in memory that is overwritten as soon as
// Turn returns.
func turn(codec dialect.Codec, answer []byte, size int) (string, error) {
	var all strings.Builder
	for at := 0; at < len(answer); at += size {
		piece := append([]byte(nil), answer[at:min(len(answer), at+size)]...)
		got, err := codec.Turn(piece)
		clear(piece)
		all.Write(got)
		if err != nil {
			return all.String(), err
		}
	}
	got, err := codec.End()
	all.Write(got)
	return all.String(), err
}

func TestWhatIsNotTurned(t *testing.T) {
	stream := tollgate.Call{Operation: tollgate.Messages, Stream: true}
	for _, c := range []struct {
		status int
		kind   string
	}{{200, "application/json"}, {429, frames}, {500, events}, {200, ""}} {
		header := http.Header{"Content-Type": {c.kind}}
		if (Dialect{}).Decode(stream, c.status, header) != nil || (Dialect{}).Encode(stream, c.status, header) != nil || header.Get("Content-Type") != c.kind {
			t.Errorf("%d %s: it is turned, %v", c.status, c.kind, header)
		}
	}
}

func TestFault(t *testing.T) {
	for status, want := range map[int]string{
		400: "ValidationException", 401: "AccessDeniedException", 402: "ValidationException", 403: "AccessDeniedException", 404: "ResourceNotFoundException",
		408: "ModelTimeoutException", 413: "ValidationException", 424: "ModelErrorException", 429: "ThrottlingException",
		500: "InternalServerException", 501: "InternalServerException", 503: "ServiceUnavailableException", 529: "ServiceUnavailableException",
	} {
		header := http.Header{}
		body := Dialect{}.Fault(header, dialect.Fault{Status: status, Type: "t", Message: `say "no"`, RequestID: "r1"})
		if got := header.Get("X-Amzn-Errortype"); got != want {
			t.Errorf("%d: %s, want %s", status, got, want)
		}
		const both = `{"message":"say \"no\"","type":"error","error":{"type":"t","message":"say \"no\""},"request_id":"r1"}`
		if string(body) != both || header.Get("X-Amzn-Requestid") != "r1" || header.Get("Content-Type") != "application/json" {
			t.Errorf("%d: %s %v, want %s", status, body, header, both)
		}
	}
}
