package simulator

import "slices"

// response is a whole answer, ready for either form of the wire.
type response struct {
	id      string
	model   string
	answer  answer
	spent   tally
	opening object // usage in message_start
	closing object // usage in message_delta
	whole   object // usage of the message that is not streamed
	deltas  int    // how many message_delta events; 0 is 1
	details any    // stop_details; nil when there are none
}

// event is one server-sent event before it is written.
type event struct {
	name  string
	data  object
	paced bool // a model takes its time before it
}

func newEvent(name string, members ...any) event {
	return event{name: name, data: append(object{"type", name}, members...)}
}

// message is the answer as one JSON value.
func (r response) message() object {
	content := []object{}
	for _, one := range r.answer.parts {
		content = append(content, one.whole)
	}
	message := r.envelope(content, r.answer.stop, r.whole)
	if r.details != nil {
		message = append(message, "stop_details", r.details)
	}
	return message
}

func (r response) envelope(content []object, stop any, usage object) object {
	return object{
		"id", r.id, "type", "message", "role", "assistant", "model", r.model, "content", content,
		"stop_reason", stop, "stop_sequence", nil, "usage", usage,
	}
}

// events is the answer as a stream. Source: providers.md 1.6, 2026-11-23.
func (r response) events() []event {
	list := []event{
		newEvent("message_start", "message", r.envelope([]object{}, nil, r.opening)),
		newEvent("ping"),
	}
	for i, one := range r.answer.parts {
		list = append(list, newEvent("content_block_start", "index", i, "content_block", one.start))
		for _, delta := range one.deltas {
			next := newEvent("content_block_delta", "index", i, "delta", delta)
			next.paced = true
			list = append(list, next)
		}
		list = append(list, newEvent("content_block_stop", "index", i))
	}
	list = append(list, r.ends()...)
	return append(list, newEvent("message_stop"))
}

// events are those that this provider sends: Bedrock's runtime has no pings, and
// says at the end what the call came to. Source: providers.md 2.4, 2026-11-23.
func (f *face) events(r response) []event {
	list := r.events()
	if f.name != Bedrock {
		return list
	}
	list = slices.DeleteFunc(list, func(one event) bool { return one.name == "ping" })
	last := &list[len(list)-1]
	last.data = last.data.with("amazon-bedrock-invocationMetrics", r.metrics())
	return list
}

// ends are the message_delta events. All but the last leave the reason open;
// each repeats the cumulative usage.
func (r response) ends() []event {
	var list []event
	for range r.deltas - 1 {
		list = append(list, newEvent("message_delta", "delta", object{"stop_reason", nil, "stop_sequence", nil}, "usage", r.closing))
	}
	delta := object{"stop_reason", r.answer.stop, "stop_sequence", nil}
	if r.details != nil {
		delta = append(delta, "stop_details", r.details)
	}
	return append(list, newEvent("message_delta", "delta", delta, "usage", r.closing))
}

// fallBack hands the answer over to another model before its first word, as
// the provider tells it: a block that names both, and an iteration for each.
// Source: providers.md 1.8, 2026-11-23.
func (r *response) fallBack(to string) {
	block := object{
		"type", "fallback", "from", object{"model", r.model}, "to", object{"model", to}, "trigger", "refusal",
	}
	r.answer.parts = append([]part{wholePart(block)}, r.answer.parts...)
	r.spent.iterations = []object{
		r.spent.iteration("message", r.model, 0),
		r.spent.iteration("fallback_message", to, r.spent.output),
	}
	r.settle()
}

// settle writes the usage objects from what was spent.
func (r *response) settle() {
	r.opening, r.closing, r.whole = r.spent.opening(), r.spent.closing(), r.spent.whole()
}
