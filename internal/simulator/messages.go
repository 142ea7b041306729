package simulator

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"
)

// conversation decodes the body, or answers why it cannot.
func (v *visit) conversation() (*conversation, bool) {
	c := new(conversation)
	if err := json.Unmarshal(v.body, c); err != nil {
		v.error(http.StatusBadRequest, "The body is not a request that the simulated provider can read: "+err.Error())
		return nil, false
	}
	if !v.named(c) || !v.acceptable(c) {
		return nil, false
	}
	v.served.Model, v.served.Stream = c.Model, c.Stream
	if c.Model == "" || len(c.Messages) == 0 {
		v.error(http.StatusBadRequest, "model and messages: both are needed.")
		return nil, false
	}
	if _, ok := modelID(c.Model); !ok {
		v.error(http.StatusNotFound, "model: "+c.Model)
		return nil, false
	}
	return c, true
}

// messages answers POST /v1/messages.
func (s *Simulator) messages(v *visit) {
	v.operation = Messages
	if s.improvised(v) {
		return
	}
	c, ok := v.conversation()
	if !ok || s.misbehaved(v, c) {
		return
	}
	if c.MaxTokens < 1 {
		v.error(http.StatusBadRequest, "max_tokens: a number of at least 1 is needed.")
		return
	}
	s.behave(v, c)
}

// behave answers as a provider should.
func (s *Simulator) behave(v *visit, c *conversation) {
	v.play(v.face.perform(s.respond(v, c, reply(c, v.countsThoughts())), c.Stream, s.config.Pace))
}

// respond charges for what is said.
func (s *Simulator) respond(v *visit, c *conversation, said answer) response {
	id, _ := modelID(c.Model)
	spent := c.tally(s.cache.use(v.caller, id, c.segments(), s.config.Now()), said)
	v.served.Input, v.served.Output, v.served.StopReason = spent.total(), spent.output, said.stop
	r := response{id: newID(v.face.ids), model: id, answer: said, spent: spent}
	r.settle()
	return r
}

// perform puts a response on either form of the wire. A message that is not
// streamed takes as long as its stream would.
func (f *face) perform(r response, stream bool, pace time.Duration) performance {
	list := f.steps(f.events(r), pace)
	if stream {
		return performance{status: http.StatusOK, header: f.streamHeader(), steps: list}
	}
	var wait time.Duration
	for _, one := range list {
		wait += one.wait
	}
	header, body := jsonHeader(), mustJSON(r.message())
	if f.name == Bedrock {
		r.counts(header)
	}
	return performance{status: http.StatusOK, header: header, delay: wait, steps: []step{{bytes: body}}}
}

func jsonHeader() http.Header { return http.Header{"Content-Type": {"application/json"}} }

// countsThoughts says whether the caller wants thinking deltas to say how many
// tokens they stand for.
func (v *visit) countsThoughts() bool {
	return slices.ContainsFunc(v.betas, func(name string) bool { return strings.HasPrefix(name, "thinking-token-count-") })
}
