package simulator

import (
	"bytes"
	"strings"
	"sync"
	"time"
)

// canned is an answer that is the same for every request, so that serving it
// costs next to nothing: what a benchmark wants of the far end.
type canned struct {
	rule *Rule
	pace time.Duration

	mu      sync.Mutex
	answers map[Provider]cannedAnswer
}

// cannedAnswer is what one provider always says.
type cannedAnswer struct{ stream, plain performance }

// cannedModel is the model that a canned answer names, unless the script
// names another.
const cannedModel = "claude-opus-5-5"

// can prepares the first rule about messages, if it looks at nothing in the
// request.
func (s *Script) can(pace time.Duration) *canned {
	if s == nil {
		return nil
	}
	for _, rule := range s.Rules {
		if rule.Match.Operation != Messages {
			continue
		}
		if rule.Match.Provider != "" || !rule.Match.anyConversation() || rule.Match.After > 0 || rule.Match.Times > 0 || !rule.Do.blind() {
			return nil
		}
		return &canned{rule: rule, pace: pace, answers: map[Provider]cannedAnswer{}}
	}
	return nil
}

// of is the answer in the provider's form. It is made once.
func (c *canned) of(by *face) cannedAnswer {
	c.mu.Lock()
	defer c.mu.Unlock()
	made, ok := c.answers[by.name]
	if !ok {
		made.stream, made.plain = c.rule.Do.can(by, c.pace)
		c.answers[by.name] = made
	}
	return made
}

func (d *Conduct) can(by *face, pace time.Duration) (stream, plain performance) {
	if d.refuses() {
		return d.refusal(by, "", true), d.refusal(by, "", false)
	}
	if d.Raw != nil {
		raw := d.travel(by, performance{status: 200, header: by.streamHeader(), steps: []step{{bytes: []byte(*d.Raw)}}})
		return raw, raw
	}
	c := &conversation{Model: cannedModel}
	said := d.say(c, false)
	spent := c.tally(prompt{input: 1000}, said)
	r := response{id: newID(by.ids), model: cannedModel, answer: said, spent: spent}
	r.settle()
	d.twist(&r)
	return d.deliver(by, r, true, pace), d.deliver(by, r, false, pace)
}

// improvised plays the canned answer, if there is one, without decoding the
// request.
func (s *Simulator) improvised(v *visit) bool {
	if s.canned == nil {
		return false
	}
	v.served.Rule = s.canned.rule.Name
	if v.asked == nil {
		v.served.Stream = wantsStream(v.body)
	}
	if answer := s.canned.of(v.face); v.served.Stream {
		v.play(answer.stream)
	} else {
		v.play(answer.plain)
	}
	return true
}

// wantsStream looks for "stream": true without decoding. No text can be
// mistaken for it, since a quote inside a text is escaped.
func wantsStream(body []byte) bool {
	at := bytes.LastIndex(body, []byte(`"stream"`))
	if at < 0 {
		return false
	}
	rest := strings.TrimSpace(string(body[at+len(`"stream"`) : min(len(body), at+40)]))
	return strings.HasPrefix(strings.TrimSpace(strings.TrimPrefix(rest, ":")), "true")
}
