package alert

import (
	"context"
	"crypto/x509"
	"errors"
	"strings"
	"time"

	"tollgate"
)

// Sink is somebody who is told.
//
// Deliver makes one attempt and returns when it has ended, or soon after ctx
// has. nil means that the far end has taken the message and answers for it. An
// error of type partlyError means the same, with something to tell operators.
// After any other error the same message comes again, with the same ID. The
// text of an error is for operators and holds nothing secret. Deliver is called
// from several goroutines.
type Sink interface {
	Deliver(ctx context.Context, message Message) error
}

// Message is what a sink is to tell.
type Message struct {
	ID    string          // the same at every attempt
	At    time.Time       // when it became true
	Title string          // one line
	Text  string          // whole sentences
	Alert *tollgate.Alert // nil: a trial
}

// kinds is the one list of the kinds of sinks, by their key in the
// configuration.
var kinds = []struct {
	key     string
	entries func(Config) []entry
}{
	{"webhooks", func(c Config) []entry { return entries(c.Webhooks) }},
	{"slack", func(c Config) []entry { return entries(c.Slack) }},
	{"mail", func(c Config) []entry { return entries(c.Mail) }},
}

// entry is one sink in the configuration. sink is called for valid ones; roots
// are the authorities it trusts, nil for the system's.
type entry interface {
	name() string
	problems() []tollgate.Problem
	sink(roots *x509.CertPool) Sink
}

func (w Webhook) name() string { return w.Name }
func (s Slack) name() string   { return s.Name }
func (m Mail) name() string    { return m.Name }

func entries[T entry](list []T) []entry {
	all := make([]entry, len(list))
	for i, each := range list {
		all[i] = each
	}
	return all
}

// named is a sink under its configured name.
type named struct {
	name string
	Sink
}

// newSinks makes all sinks that a valid configuration names.
func newSinks(c Config, roots *x509.CertPool) (all []named) {
	for _, kind := range kinds {
		for _, each := range kind.entries(c) {
			all = append(all, named{each.name(), each.sink(roots)})
		}
	}
	return all
}

// partlyError is that of a message that was taken, but not for everybody.
type partlyError struct{ refusals []string }

func (e *partlyError) Error() string {
	return "taken, but not for everybody: " + strings.Join(e.refusals, "; ")
}

// taken says whether the far end has the message.
func taken(err error) bool {
	_, partly := errors.AsType[*partlyError](err)
	return err == nil || partly
}
