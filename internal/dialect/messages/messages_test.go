package messages

import (
	"encoding/json"
	"errors"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"
	"unsafe"

	"tollgate"
	"tollgate/internal/jsonedit"
)

func TestRead(t *testing.T) {
	body := `{"model":"claude-opus-5-5","messages":[{"role":"user","content":"\"model\":\"other\""}],` +
		`"metadata":{"user_id":"{\"device_id\":\"d1\",\"account_uuid\":\"a1\",\"session_id\":\"s\"}"},"max_tokens":128000,"new":{"model":"x"},"stream":true}`
	call, err := Read(jsonedit.Open([]byte(body)), "")
	if err != nil {
		t.Fatal(err)
	}
	if call.Model != "claude-opus-5-5" || !call.Stream || call.MaxTokens != 128000 || call.Device != "d1" || call.Account != "a1" {
		t.Errorf("read %+v", call)
	}
}

func TestReadLetsOdditiesPass(t *testing.T) {
	for _, body := range []string{
		`{"model":"m","stream":"yes"}`,
		`{"model":"m","stream":true,"stream":false}`,
		`{"model":"m","max_tokens":1e3}`,
		`{"model":"m","max_tokens":-1}`,
		`{"model":"m","metadata":7}`,
		`{"model":"m","metadata":{"user_id":"user_1_account_2"}}`,
		`{"model":"m","metadata":{"user_id":"{\"device_id\":7}"}}`,
		`{"Model":"x","model":"m"}`,
		"{\"model\":\"m\",\"x\":\"\xff\x00\"}",
		`{"model":"m","x":{"a" 1}}`,
	} {
		if call, err := Read(jsonedit.Open([]byte(body)), ""); err != nil || call.Model != "m" {
			t.Errorf("%s: model %q, error %v", body, call.Model, err)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	for body, say := range map[string]string{
		``:                            "not a JSON object",
		`hello`:                       "not a JSON object",
		`["model"]`:                   "not a JSON object",
		`{"model":"m"`:                "not a JSON object",
		`{"model":"m"} {"model":"n"}`: "not a JSON object",
		`{}`:                          "missing",
		`{"messages":[]}`:             "missing",
		`{"model":""}`:                "non-empty string",
		`{"model":7}`:                 "non-empty string",
		`{"model":null}`:              "non-empty string",
		`{"model":["m"]}`:             "non-empty string",
		`{"model":"` + strings.Repeat("m", 300) + `"}`: "longer than",
		`{"model":"a","model":"b"}`:                    "more than once",
		`{"model":"a","messages":[],"mod\u0065l":"b"}`: "more than once",
	} {
		_, err := Read(jsonedit.Open([]byte(body)), "")
		var known *tollgate.Error
		if !errors.As(err, &known) || known.Kind != tollgate.Invalid || !strings.Contains(known.Message, say) {
			t.Errorf("%s: %v, want Invalid with %q", body, err, say)
		}
	}
}

func TestOtherModels(t *testing.T) {
	for body, want := range map[string]string{
		`{"model":"m"}`:                       "",
		`{"model":"m","fallbacks":"default"}`: "default",
		`{"model":"m","fallbacks":["a",{"model":"b"},7,{"other":1}]}`:                                           "a b",
		`{"model":"m","tools":[{"name":"x","input_schema":{"model":"no"}},{"type":"advisor","model":"c"},"d"]}`: "c",
		`{"model":"m","fallb\u0061cks":["a"],"tools":[{"mod\u0065l":"b"}]}`:                                     "a b",
		`{"model":"m","messages":[{"fallbacks":["no"]}]}`:                                                       "",
		`{"model":"m","messages":[{"content":[{"type":"text","text":"a","model":"no"}]}]}`:                      "",
		`{"model":"m","messages":[{"content":[{"tools":[{"type":"advisor_20260301","model":"c"}]}]}]}`:          "c",
	} {
		if got := strings.Join(slices.Collect(OtherModels(jsonedit.Open([]byte(body)))), " "); got != want {
			t.Errorf("%s: %q, want %q", body, got, want)
		}
	}
}

func TestAnAttributeKeepsNothingElseAlive(t *testing.T) {
	whole := strings.Repeat("x", 1<<20)
	cut := Attribute(whole)
	if len(cut) != maxAttribute || unsafe.StringData(cut) == unsafe.StringData(whole) {
		t.Error("the attribute points into the text it was cut from")
	}
}

func TestAttribute(t *testing.T) {
	for in, want := range map[string]string{
		"plain":                  "plain",
		"Zoë":                    "Zoë",
		"a\nb\x00c\x7f":          "abc",
		"bad\xffbyte":            "badbyte",
		strings.Repeat("x", 999): strings.Repeat("x", 256),
	} {
		if got := Attribute(in); got != want {
			t.Errorf("Attribute(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestRefuse(t *testing.T) {
	w := httptest.NewRecorder()
	err := tollgate.Errorf(tollgate.Overloaded, "nothing is <free>; try again").Because(errors.New("dial tcp 10.0.0.1: secret cause"))
	err.RetryAfter, err.Details = 1500*time.Millisecond, "thread_unsupported_request"
	Refuse(w, Dialect{}, "req_1", err)

	if w.Code != 529 || w.Header().Get("Retry-After") != "2" || w.Header().Get("Request-Id") != "req_1" || w.Header().Get("X-Should-Retry") != "" {
		t.Errorf("status %d, headers %v", w.Code, w.Header())
	}
	var got struct {
		Type, RequestID string
		Error           struct {
			Type, Message string
			Details       struct {
				Code string `json:"error_code"`
			}
		}
	}
	if json.Unmarshal(w.Body.Bytes(), &got) != nil || got.Type != "error" || got.Error.Type != "overloaded_error" || got.Error.Message != "nothing is <free>; try again" || got.Error.Details.Code != err.Details {
		t.Errorf("body %s", w.Body)
	}
	if strings.Contains(w.Body.String(), "cause") {
		t.Error("the cause reached a stranger")
	}
}

// TestTooFastIsAskedAgain holds what makes Claude Code wait and try again by
// itself: whole seconds, and nothing that forbids it.
func TestTooFastIsAskedAgain(t *testing.T) {
	for wait, want := range map[time.Duration]string{time.Second: "1", time.Second + 1: "2", time.Minute: "60"} {
		w := httptest.NewRecorder()
		err := tollgate.Errorf(tollgate.TooFast, "the limit is reached")
		err.RetryAfter = wait
		Refuse(w, Dialect{}, "req_1", err)
		if w.Code != 429 || w.Header().Get("Retry-After") != want || len(w.Header().Values("X-Should-Retry")) > 0 || !strings.Contains(w.Body.String(), `"rate_limit_error"`) {
			t.Errorf("after %v: status %d, headers %v, body %s", wait, w.Code, w.Header(), w.Body)
		}
	}
}

// FuzzRead holds that what passes has exactly the model that a JSON reader
// would find in it.
func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"model":"m","metadata":{"user_id":"{\"device_id\":\"d\"}"},"stream":true}`))
	f.Add([]byte(`{"mod\u0065l":"m"}`))
	f.Add([]byte(`{"a":{"model":"x"},"model":"\ud83d\ude00"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		call, err := Read(jsonedit.Open(body), "")
		var members map[string]json.RawMessage
		if err != nil || json.Unmarshal(body, &members) != nil {
			return
		}
		var model string
		if json.Unmarshal(members["model"], &model) != nil || model != call.Model || model == "" {
			t.Fatalf("read model %q from %q", call.Model, body)
		}
	})
}
