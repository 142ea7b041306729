package simulator

import (
	"encoding/json"
	"net/http"
	"strings"
)

// named finds the model of the call, or answers that there is none.
func (v *visit) named(c *conversation) bool {
	if v.asked != nil {
		c.Model, c.Stream = v.asked.model, v.asked.stream
		return true
	}
	if v.face.model == nil || c.Model == "" {
		return true
	}
	model, ok := v.face.model(c.Model)
	if !ok {
		v.error(v.face.stranger, "model: "+c.Model)
		return false
	}
	c.Model = model
	return true
}

// acceptable says whether the provider takes a call like this; otherwise it has answered.
func (v *visit) acceptable(c *conversation) bool {
	v.betas = v.betasSent()
	if v.face.accept == nil {
		return true
	}
	if problem := v.face.accept.objection(v, c); problem != "" {
		v.error(http.StatusBadRequest, problem)
		return false
	}
	return true
}

// betasSent are those in the header, or in the body where the provider looks
// for them there: then it does not look at the header.
func (v *visit) betasSent() (list []string) {
	if rules := v.face.accept; rules != nil && rules.betasIn != "" {
		var body map[string]json.RawMessage
		if json.Unmarshal(v.body, &body) == nil {
			_ = json.Unmarshal(body[rules.betasIn], &list) // what is no list names none
		}
		return list
	}
	for name := range strings.SplitSeq(strings.Join(v.request.Header.Values("Anthropic-Beta"), ","), ",") {
		if name = strings.TrimSpace(name); name != "" {
			list = append(list, name)
		}
	}
	return list
}
