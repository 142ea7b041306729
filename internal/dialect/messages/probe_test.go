package messages

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"
)

// quotaProbe is what the real client sends.
const quotaProbe = `{"model":"claude-opus-5-5","max_tokens":1,"messages":[{"role":"user","content":"quota"}],` +
	`"metadata":{"user_id":"{\"device_id\":\"d\",\"account_uuid\":\"\",\"session_id\":\"s\"}"}}`

func TestIsQuotaProbe(t *testing.T) {
	for body, want := range map[string]bool{
		quotaProbe: true,
		strings.ReplaceAll(quotaProbe, `,"metadata`, "\n , \"metadata"):               true,
		`{"max_tokens":1,"messages":[{"content":"quota","role":"user"}],"model":"m"}`: true,
		``:   false,
		`{}`: false,
		strings.Replace(quotaProbe, `"max_tokens":1`, `"max_tokens":2`, 1):                     false,
		strings.Replace(quotaProbe, `"max_tokens":1,`, ``, 1):                                  false,
		strings.Replace(quotaProbe, `quota`, `Quota`, 1):                                       false,
		strings.Replace(quotaProbe, `"quota"`, `["quota"]`, 1):                                 false,
		strings.Replace(quotaProbe, `"user"`, `"assistant"`, 1):                                false,
		strings.Replace(quotaProbe, `"quota"}`, `"quota","cache_control":null}`, 1):            false,
		strings.Replace(quotaProbe, `"quota"}]`, `"quota"},{"role":"user","content":"x"}]`, 1): false,
		strings.Replace(quotaProbe, `[{"role":"user","content":"quota"}]`, `[]`, 1):            false,
		strings.Replace(quotaProbe, `[{"role":"user","content":"quota"}]`, `{}`, 1):            false,
		strings.Replace(quotaProbe, `"max_tokens"`, `"system":"x","max_tokens"`, 1):            false,
		strings.Replace(quotaProbe, `"max_tokens"`, `"stream":true,"max_tokens"`, 1):           false,
		strings.Replace(quotaProbe, `"max_tokens"`, `"tools":[],"max_tokens"`, 1):              false,
		strings.Replace(quotaProbe, `"d\"`, `"`+strings.Repeat("d", maxProbe)+`\"`, 1):         false,
		quotaProbe[:len(quotaProbe)-1]:                                                         false,
		quotaProbe + quotaProbe:                                                                false,
	} {
		if IsQuotaProbe([]byte(body)) != want {
			t.Errorf("%.300s: %v", body, !want)
		}
	}
}

func TestAnswerQuotaProbe(t *testing.T) {
	w := httptest.NewRecorder()
	AnswerQuotaProbe(w, "req_1", `a "model"`)
	var message struct {
		Type, Role, Model string
		Content           []struct{ Type, Text string }
		StopReason        string `json:"stop_reason"`
		Usage             map[string]int
	}
	if err := json.Unmarshal(w.Body.Bytes(), &message); err != nil || w.Code != 200 || w.Header().Get("Request-Id") != "req_1" {
		t.Fatal(err, w.Code, w.Header())
	}
	if message.Type != "message" || message.Role != "assistant" || message.Model != `a "model"` || len(message.Content) != 1 ||
		message.StopReason != "max_tokens" || len(message.Usage) != 2 || message.Usage["input_tokens"]+message.Usage["output_tokens"] != 0 {
		t.Errorf("answered %s", w.Body)
	}
}

// FuzzIsQuotaProbe holds that nothing passes in which a JSON reader would find
// anything but one token for the one message.
func FuzzIsQuotaProbe(f *testing.F) {
	f.Add([]byte(quotaProbe))
	f.Add([]byte(`{"max_tokens":1,"messages":[{"rol\u0065":"user","content":"quot\u0061"}]}`))
	f.Add([]byte(`{"max_tokens":1,"messages":[{"role":"user","content":"quota"}],"messages":[]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		if !IsQuotaProbe(body) {
			return
		}
		var read map[string]json.RawMessage
		var list []map[string]any
		if json.Unmarshal(body, &read) != nil || json.Unmarshal(read["messages"], &list) != nil || string(read["max_tokens"]) != "1" {
			t.Fatalf("%q is taken for a probe", body)
		}
		if len(list) != 1 || len(list[0]) != 2 || list[0]["role"] != "user" || list[0]["content"] != "quota" {
			t.Fatalf("%q is taken for a probe", body)
		}
		delete(read, "messages")
		delete(read, "max_tokens")
		delete(read, "model")
		delete(read, "metadata")
		if len(read) != 0 {
			t.Fatalf("%q has more to it than a probe", body)
		}
	})
}
