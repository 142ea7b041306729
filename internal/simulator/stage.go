package simulator

import (
	"bytes"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// misbehaved plays the rule that fits, if there is one, and says whether the
// request has been answered with that.
func (s *Simulator) misbehaved(v *visit, c *conversation) bool {
	rule, mistake := s.directive(v, c)
	if mistake != "" {
		v.play(v.face.perform(s.respond(v, c, spoken(mistake)), c.Stream, 0))
		return true
	}
	if rule == nil {
		rule = s.config.Script.pick(v.face.name, v.operation, c)
	}
	if rule == nil {
		return false
	}
	v.served.Rule = rule.Name
	switch do := &rule.Do; {
	case do.refuses():
		v.play(do.refusal(v.face, v.requestID(), v.served.Stream))
	case v.operation == Messages:
		v.play(s.stage(v, c, do))
	default: // an answer as usual, but late or with other headers
		if pause(v.request.Context(), do.Delay) != nil {
			return true
		}
		setOver(v.Header(), do.header())
		return false
	}
	return true
}

// refusal is an answer that is no message.
func (d *Conduct) refusal(by *face, request string, streaming bool) performance {
	status := d.Status
	if status == 0 {
		status = http.StatusOK
		if d.Error != nil {
			status = http.StatusInternalServerError
		}
	}
	header := jsonHeader()
	said := fault{status: status, request: request, streaming: streaming}
	return d.travel(by, performance{status: status, header: header, steps: []step{{bytes: d.refusalBody(by, header, said)}}})
}

func (d *Conduct) refusalBody(by *face, header http.Header, f fault) []byte {
	if d.Body != nil {
		return []byte(*d.Body)
	}
	f.said = ErrorValue{Message: "Simulated " + strconv.Itoa(f.status) + "."}
	if d.Error != nil {
		f.said = *d.Error
	}
	return by.fault(header, f)
}

// stage is an answer to a conversation, with what is wrong with it.
func (s *Simulator) stage(v *visit, c *conversation, do *Conduct) performance {
	if do.Raw != nil {
		return do.travel(v.face, performance{status: http.StatusOK, header: v.face.streamHeader(), steps: []step{{bytes: []byte(*do.Raw)}}})
	}
	r := s.respond(v, c, do.say(c, v.countsThoughts()))
	do.twist(&r)
	v.served.StopReason = r.answer.stop
	return do.deliver(v.face, r, c.Stream, s.config.Pace)
}

// say is what the conduct wants to be said.
func (d *Conduct) say(c *conversation, counted bool) answer {
	said := answer{stop: "end_turn"}
	switch {
	case len(d.Tools) > 0:
		said = calling("As the script says.", d.Tools)
	case d.Text != nil:
		said = spoken(*d.Text)
	case d.Bytes > 0 || d.Events > 0:
		said.parts = []part{fillerPart(d.Bytes, d.Events)}
	case d.Refusal != nil && !d.Refusal.Partial:
	case d.Refusal != nil:
		said.parts = []part{textPart("I was about to say")}
	default:
		said = reply(c, counted)
	}
	if d.Refusal != nil {
		said.stop = "refusal"
	}
	if d.StopReason != "" {
		said.stop = d.StopReason
	}
	return said
}

// twist changes what the answer says about itself.
func (d *Conduct) twist(r *response) {
	if d.ServedModel != "" {
		r.model = d.ServedModel
	}
	if d.Fallback != "" {
		r.fallBack(d.Fallback)
	}
	if d.Refusal != nil {
		var category any
		if d.Refusal.Category != "" {
			category = d.Refusal.Category
		}
		r.details = object{"type", "refusal", "category", category, "explanation", "Simulated."}
	}
	r.deltas = d.MessageDeltas
	if d.Usage != nil {
		r.opening = d.Usage.apply(r.opening, d.Usage.Start)
		r.closing = d.Usage.apply(r.closing, d.Usage.Delta)
		r.whole = d.Usage.apply(d.Usage.apply(r.whole, d.Usage.Start), d.Usage.Delta)
	}
}

func (u *UsageOverride) apply(usage object, own map[string]any) object {
	for _, changes := range []map[string]any{u.Both, own} {
		for _, name := range slices.Sorted(maps.Keys(changes)) {
			usage = usage.with(name, changes[name])
		}
	}
	for _, name := range u.Omit {
		usage = usage.without(name)
	}
	return usage
}

// deliver puts the answer on the wire.
func (d *Conduct) deliver(by *face, r response, stream bool, pace time.Duration) performance {
	if d.Pace != nil {
		pace = *d.Pace
	}
	if !stream || d.Plain {
		return d.travel(by, by.perform(r, false, pace))
	}
	events := by.events(r)
	if d.ErrorEvent != nil {
		events = append(events[:min(d.ErrorEvent.AfterEvents, len(events))], d.ErrorEvent.event())
	}
	list := by.steps(events, pace)
	if d.Comment != "" && !by.format.binary {
		list = commented(list, d.Comment)
	}
	if d.Cut != nil && d.Cut.AfterEvents != nil {
		list = cutAfter(list, *d.Cut.AfterEvents, d.Cut.How)
	}
	if d.Silence != nil {
		list = d.Silence.insert(list, by.format)
	}
	return d.travel(by, performance{status: http.StatusOK, header: by.streamHeader(), steps: batched(list, d.Batch)})
}

func (e *ErrorEvent) event() event {
	kind, message := e.Type, e.Message
	if kind == "" {
		kind = "api_error"
	}
	if message == "" {
		message = "Simulated."
	}
	return newEvent("error", "error", object{"type", kind, "message", message})
}

// travel does to any answer what can happen to it on its way.
func (d *Conduct) travel(by *face, p performance) performance {
	p.delay += d.Delay
	setOver(p.header, d.header())
	if d.Status != 0 {
		p.status = d.Status
	}
	if d.CRLF && !by.format.binary {
		for i := range p.steps {
			p.steps[i].bytes = bytes.ReplaceAll(p.steps[i].bytes, []byte("\n"), []byte("\r\n"))
		}
	}
	p.steps = chunked(p.steps, d.Chunk)
	if d.Cut != nil && d.Cut.AfterBytes != nil {
		p.steps = cutAfterBytes(p.steps, *d.Cut.AfterBytes, d.Cut.How)
	}
	if len(p.steps) > 0 {
		p.steps[0].wait += d.FirstEvent
	}
	return p
}

// header is what the script says about headers; no value leaves one out.
func (d *Conduct) header() http.Header {
	header := http.Header{}
	for name, value := range d.Headers {
		name = http.CanonicalHeaderKey(name)
		header[name] = nil
		if value != nil {
			header[name] = strings.Split(*value, "\n")
		}
	}
	return header
}

// setOver replaces headers, and leaves out those without a value.
func setOver(header, changes http.Header) {
	for name, values := range changes {
		header[name] = values // net/http writes nothing for an empty list
	}
}
