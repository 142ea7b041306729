package simulator

import (
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strings"
	"time"
)

// Conduct is a way to answer badly. Its zero value is to behave; everything
// in it can be combined that makes sense together.
type Conduct struct {
	// Instead of an answer.
	Status int         `yaml:"status"` // alone: an error in the envelope
	Error  *ErrorValue `yaml:"error"`  // what the envelope says
	Body   *string     `yaml:"body"`   // instead of the envelope, as it is
	Raw    *string     `yaml:"raw"`    // instead of the events of a stream, as it is

	// What is said.
	Text        *string        `yaml:"text"`
	Tools       []ToolCall     `yaml:"tools"`  // call these tools
	Bytes       int            `yaml:"bytes"`  // a text of so many bytes
	Events      int            `yaml:"events"` // a text in so many deltas
	Refusal     *Refusal       `yaml:"refusal"`
	StopReason  string         `yaml:"stop_reason"`
	ServedModel string         `yaml:"served_model"` // the model named in the answer
	Fallback    string         `yaml:"fallback"`     // another model takes over, and says so
	Usage       *UsageOverride `yaml:"usage"`

	// How it travels.
	Headers       map[string]*string `yaml:"headers"` // null leaves the header out, each line is one header
	Delay         time.Duration      `yaml:"delay"`   // before the headers
	FirstEvent    time.Duration      `yaml:"first_event_delay"`
	Pace          *time.Duration     `yaml:"pace"`
	Silence       *Silence           `yaml:"silence"`
	Cut           *Cut               `yaml:"cut"`
	ErrorEvent    *ErrorEvent        `yaml:"error_event"`
	MessageDeltas int                `yaml:"message_deltas"` // so many message_delta events
	Plain         bool               `yaml:"plain"`          // JSON to a request for a stream
	Comment       string             `yaml:"comment"`        // a comment line before every event
	CRLF          bool               `yaml:"crlf"`
	Chunk         int                `yaml:"chunk"` // write so many bytes at a time
	Batch         int                `yaml:"batch"` // write so many events at a time
}

// Refusal is an answer that the provider's safety rules stop.
type Refusal struct {
	Category string `yaml:"category"` // cyber, bio, …; empty is null
	Partial  bool   `yaml:"partial"`  // after some text
}

// UsageOverride changes members of the usage objects; a value of null is
// written as null.
type UsageOverride struct {
	Both  map[string]any `yaml:"both"`
	Start map[string]any `yaml:"start"` // message_start only
	Delta map[string]any `yaml:"delta"` // message_delta only
	Omit  []string       `yaml:"omit"`  // members to leave out
}

// Silence is a pause in the stream.
type Silence struct {
	AfterEvents int           `yaml:"after_events"`
	For         time.Duration `yaml:"for"`
	Every       time.Duration `yaml:"every"` // broken by a sign of life this often
	Send        string        `yaml:"send"`  // ping (the default) or comment
}

// Cut ends the answer before its end. Events count from message_start, which
// is the first; bytes are those of the body.
type Cut struct {
	AfterEvents *int  `yaml:"after_events"`
	AfterBytes  *int  `yaml:"after_bytes"`
	How         Break `yaml:"how"` // eof, close (the default) or reset
}

// ErrorEvent is an error event that takes the place of the rest.
type ErrorEvent struct {
	AfterEvents int    `yaml:"after_events"`
	Type        string `yaml:"type"`
	Message     string `yaml:"message"`
}

// The bounds of what a script may ask for.
const (
	maxAnswerBytes  = 64 << 20
	maxAnswerEvents = 100_000
)

// check names the mistakes, and fills in the defaults.
func (d *Conduct) check(at string, list *problemList) {
	if d.Status != 0 && (d.Status < 200 || d.Status > 599) {
		list.add(at+".status", "is not the status of an answer", "write a number from 200 to 599")
	}
	for _, number := range []struct {
		name         string
		value, bound int
	}{
		{"bytes", d.Bytes, maxAnswerBytes},
		{"events", d.Events, maxAnswerEvents},
		{"message_deltas", d.MessageDeltas, maxAnswerEvents},
		{"chunk", d.Chunk, math.MaxInt32},
		{"batch", d.Batch, math.MaxInt32},
	} {
		if number.value < 0 || number.value > number.bound {
			list.add(at+"."+number.name, "is out of bounds", "write a positive number; answers are bounded at 64 MiB and 100,000 events")
		}
	}
	if strings.ContainsAny(d.Comment, "\r\n") {
		list.add(at+".comment", "is more than one line", "write one line")
	}
	d.checkDurations(at, list)
	d.checkBreaks(at, list)
	d.checkValues(at, list)
}

// checkValues names what YAML can say and JSON cannot: keys that are no words,
// and numbers that are none.
func (d *Conduct) checkValues(at string, list *problemList) {
	values := map[string]any{}
	if d.Usage != nil {
		values["usage"] = []any{d.Usage.Both, d.Usage.Start, d.Usage.Delta}
	}
	if d.Error != nil {
		values["error"] = d.Error
	}
	for _, call := range d.Tools {
		if call.Name == "" {
			list.add(at+".tools", "a call has no name", "write name: and input:")
		}
		values["tools"] = d.Tools
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if _, err := json.Marshal(values[name]); err != nil {
			list.add(at+"."+name, "holds what JSON cannot write: "+err.Error(), "write words for keys, and finite numbers")
		}
	}
}

func (d *Conduct) checkDurations(at string, list *problemList) {
	pace := time.Duration(0)
	if d.Pace != nil {
		pace = *d.Pace
	}
	if d.Delay < 0 || d.FirstEvent < 0 || pace < 0 {
		list.add(at, "a time is negative", "write durations such as 500ms or 2m")
	}
	if d.Silence == nil {
		return
	}
	if d.Silence.Send == "" {
		d.Silence.Send = "ping"
	}
	if d.Silence.For <= 0 || d.Silence.Every < 0 || d.Silence.AfterEvents < 0 {
		list.add(at+".silence", "needs a positive for:", "write for: 30s, and every: 2s for signs of life")
	}
	if d.Silence.Every > 0 && d.Silence.For/d.Silence.Every > maxAnswerEvents {
		list.add(at+".silence", "has more than 100,000 signs of life", "write a longer every:")
	}
	if d.Silence.Send != "ping" && d.Silence.Send != "comment" {
		list.add(at+".silence.send", "is not known", "write ping or comment")
	}
}

func (d *Conduct) checkBreaks(at string, list *problemList) {
	if d.ErrorEvent != nil && d.ErrorEvent.AfterEvents < 0 {
		list.add(at+".error_event.after_events", "is negative", "write 0 for an error instead of the first event")
	}
	if d.Cut == nil {
		return
	}
	if d.Cut.How == Unbroken {
		d.Cut.How = CutClosed
	}
	switch d.Cut.How {
	case CleanEOF, CutClosed, CutReset:
	default:
		list.add(at+".cut.how", "is not known", "write eof, close or reset")
	}
	places := 0
	for _, place := range []*int{d.Cut.AfterEvents, d.Cut.AfterBytes} {
		if place != nil {
			places++
			if *place < 0 {
				list.add(at+".cut", "is at a negative place", "count from 0")
			}
		}
	}
	if places != 1 {
		list.add(at+".cut", "needs one place", "write either after_events or after_bytes")
	}
}

// refuses says whether the conduct gives no answer at all.
func (d *Conduct) refuses() bool { return d.Status >= 300 || d.Error != nil || d.Body != nil }

// blind says whether the conduct looks at nothing in the conversation.
func (d *Conduct) blind() bool { return d.refuses() || d.Raw != nil || d.Events > 0 }
