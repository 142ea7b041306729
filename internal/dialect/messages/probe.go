package messages

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"tollgate/internal/jsonedit"
)

// maxProbe is more than a quota probe is long, in bytes. Claude Code's has 277
// to 287 (measured with 2.1.330, 2026-11-23).
const maxProbe = 2 << 10

// IsQuotaProbe says whether a body is exactly what Claude Code asks a gateway
// when it starts, so as to read the headers of the answer: one token, for one
// message that says "quota". A body with anything more to it is a request.
func IsQuotaProbe(body []byte) bool {
	if len(body) > maxProbe || !json.Valid(body) {
		return false
	}
	oneToken, oneMessage := false, false
	for member := range jsonedit.Members(body) {
		switch {
		case member.Is("model"), member.Is("metadata"):
		case member.Is("max_tokens") && string(member.Value) == "1":
			oneToken = true
		case member.Is("messages") && asksForQuota(member.Value):
			oneMessage = true
		default:
			return false
		}
	}
	return oneToken && oneMessage
}

// asksForQuota says whether a list has one message, and that is the probe's.
func asksForQuota(list []byte) bool {
	count := 0
	for message := range jsonedit.Elements(list) {
		if count++; count > 1 || !isQuota(message) {
			return false
		}
	}
	return count == 1
}

func isQuota(message []byte) bool {
	role, content := "", ""
	for member, err := range jsonedit.Members(message) {
		switch {
		case err == nil && member.Is("role"):
			role, _ = member.Text()
		case err == nil && member.Is("content"):
			content, _ = member.Text()
		default:
			return false
		}
	}
	return role == "user" && content == "quota"
}

// AnswerQuotaProbe answers with a message that says as little as a message can
// and cost nothing.
func AnswerQuotaProbe(w http.ResponseWriter, requestID, model string) {
	type text struct {
		Type string `json:"type"`
		Text string `json:"text"`
	}
	type usage struct {
		Input  int `json:"input_tokens"`
		Output int `json:"output_tokens"`
	}
	body, err := json.Marshal(struct {
		ID           string  `json:"id"`
		Type         string  `json:"type"`
		Role         string  `json:"role"`
		Model        string  `json:"model"`
		Content      []text  `json:"content"`
		StopReason   string  `json:"stop_reason"`
		StopSequence *string `json:"stop_sequence"`
		Usage        usage   `json:"usage"`
	}{"msg_" + strings.TrimPrefix(requestID, "req_"), "message", "assistant", model, []text{{"text", "."}}, "max_tokens", nil, usage{}})
	if err != nil {
		panic(err) // texts and numbers always marshal
	}
	header := w.Header()
	header.Set("Content-Type", "application/json")
	header.Set("Content-Length", strconv.Itoa(len(body)))
	header.Set("Request-Id", requestID)
	_, _ = w.Write(body) // the client may be gone; there is nobody else to tell
}
