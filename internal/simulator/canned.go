package simulator

import (
	"bytes"
	"strings"
	"time"
)

// canned is an answer that is the same for every request, so that serving it
// costs next to nothing: what a benchmark wants of the far end.
type canned struct {
	rule          *Rule
	stream, plain performance
}

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
		if !rule.Match.anyConversation() || rule.Match.After > 0 || rule.Match.Times > 0 || !rule.Do.blind() {
			return nil
		}
		stream, plain := rule.Do.can(pace)
		return &canned{rule: rule, stream: stream, plain: plain}
	}
	return nil
}

func (d *Conduct) can(pace time.Duration) (stream, plain performance) {
	if d.refuses() {
		refusal := d.refusal("")
		return refusal, refusal
	}
	if d.Raw != nil {
		raw := d.travel(performance{status: 200, header: streamHeader(), steps: []step{{bytes: []byte(*d.Raw)}}})
		return raw, raw
	}
	c := &conversation{Model: cannedModel}
	said := d.say(c, false)
	spent := c.tally(prompt{input: 1000}, said)
	r := response{id: newID("msg_01"), model: cannedModel, answer: said, spent: spent}
	r.settle()
	d.twist(&r)
	return d.deliver(r, true, pace), d.deliver(r, false, pace)
}

// improvised plays the canned answer, if there is one, without decoding the
// request.
func (s *Simulator) improvised(v *visit) bool {
	if s.canned == nil {
		return false
	}
	v.served.Rule = s.canned.rule.Name
	v.served.Stream = wantsStream(v.body)
	if v.served.Stream {
		v.play(s.canned.stream)
	} else {
		v.play(s.canned.plain)
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
