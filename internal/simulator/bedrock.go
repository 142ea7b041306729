package simulator

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strconv"
	"time"
)

// bedrock is the runtime of Amazon Bedrock. Source: providers.md 2, 2026-11-23.
func (s *Simulator) bedrock() *face {
	f := &face{
		name: Bedrock, maxBody: 20 << 20, format: eventStream, ids: "msg_bdrk_01", routes: http.NewServeMux(),
		headers: func(h http.Header, _ time.Time) { h.Set("X-Amzn-Requestid", newUUID()) },
		fault:   awsFault, accept: acceptances[Bedrock],
	}
	f.admit = func(v *visit) bool { return s.admitAWS(v, "bedrock") }
	f.handle("POST /model/{id}/invoke", func(v *visit) { s.invoke(v, false) })
	f.handle("POST /model/{id}/invoke-with-response-stream", func(v *visit) { s.invoke(v, true) })
	f.handle("POST /model/{id}/count-tokens", s.countTokensAtBedrock)
	f.handle("GET /inference-profiles", s.listProfiles)
	return f
}

// bedrockMantle is the Messages API on Bedrock.
func (s *Simulator) bedrockMantle() *face {
	f := &face{
		name: BedrockMantle, maxBody: 20 << 20, format: serverSentEvents, ids: "msg_bdrk_01", routes: http.NewServeMux(),
		headers: func(h http.Header, _ time.Time) {
			h.Set("X-Amzn-Requestid", newUUID())
			h.Set("Request-Id", newID("req_bdrk_01"))
		},
		fault: ownOr(awsFault), accept: acceptances[BedrockMantle],
	}
	f.admit = func(v *visit) bool { return s.admitAWS(v, "bedrock-mantle") }
	f.model, f.stranger = mantleModel, http.StatusBadRequest
	s.serveMessages(f)
	f.handle("POST /anthropic/v1/messages", versioned(s.messages))
	f.handle("POST /anthropic/v1/messages/count_tokens", versioned(s.countTokens))
	return f
}

// invoke answers a call to the model in the path.
func (s *Simulator) invoke(v *visit, stream bool) {
	v.served.Stream = stream
	model, problem := bedrockModel(v.request.PathValue("id"), v.region)
	if problem != "" {
		v.error(http.StatusBadRequest, problem)
		return
	}
	v.asked = &asked{model: model, stream: stream}
	s.messages(v)
}

// metrics is the last event with what an invocation came to, as Bedrock adds it.
// Source: providers.md 2.4, 2026-11-23.
func (r response) metrics() object {
	return object{
		"inputTokenCount", r.spent.input, "outputTokenCount", r.spent.output,
		"invocationLatency", 420, "firstByteLatency", 42,
		"cacheReadInputTokenCount", r.spent.read, "cacheWriteInputTokenCount", r.spent.write5m + r.spent.write1h,
	}
}

// counts are what Bedrock writes into the header of an answer that is no stream.
func (r response) counts(h http.Header) {
	for name, n := range map[string]int64{
		"Input-Token-Count": r.spent.input, "Output-Token-Count": r.spent.output, "Invocation-Latency": 420,
		"Cache-Read-Input-Token-Count": r.spent.read, "Cache-Write-Input-Token-Count": r.spent.write5m + r.spent.write1h,
	} {
		h.Set("X-Amzn-Bedrock-"+name, strconv.FormatInt(n, 10))
	}
}

// countTokensAtBedrock answers CountTokens. Source: providers.md 2.6, 2026-11-23.
func (s *Simulator) countTokensAtBedrock(v *visit) {
	var document struct {
		Input struct {
			InvokeModel struct {
				Body string `json:"body"`
			} `json:"invokeModel"`
		} `json:"input"`
	}
	model, problem := countable(v.request.PathValue("id"))
	if problem != "" {
		v.error(http.StatusBadRequest, problem)
		return
	}
	body, err := []byte(nil), json.Unmarshal(v.body, &document)
	if err == nil {
		body, err = base64.StdEncoding.DecodeString(document.Input.InvokeModel.Body)
	}
	if err != nil || len(body) == 0 {
		v.error(http.StatusBadRequest, "input.invokeModel.body must be the base64 form of a body.")
		return
	}
	var inner struct {
		MaxTokens *int64 `json:"max_tokens"`
	}
	if json.Unmarshal(body, &inner) == nil && inner.MaxTokens == nil {
		v.error(http.StatusBadRequest, "max_tokens: Field required")
		return
	}
	v.body, v.asked = body, &asked{model: model}
	s.countTokens(v)
}

// listProfiles lists the profiles through which the models of the catalogue are
// reached.
func (s *Simulator) listProfiles(v *visit) {
	v.operation = Models
	if s.misbehaved(v, nil) {
		return
	}
	list := []object{}
	for _, one := range catalogue {
		id := "global." + bedrockID(one.id)
		list = append(list, object{
			"inferenceProfileId", id, "inferenceProfileName", "Global " + one.display, "status", "ACTIVE", "type", "SYSTEM_DEFINED",
			"inferenceProfileArn", "arn:aws:bedrock:us-east-1:" + accountID + ":inference-profile/" + id,
			"models",
			[]object{{"modelArn", "arn:aws:bedrock:::foundation-model/" + bedrockID(one.id)}},
		})
	}
	v.json(http.StatusOK, object{"inferenceProfileSummaries", list})
}
