package proxy

import (
	"net/http"
	"regexp"
	"runtime/debug"

	"tollgate"
	"tollgate/internal/jsonedit"
	"tollgate/internal/meter"
)

// ear listens to an answer beside the copy: its digest, its usage, and of an
// error its type. It never fails and keeps nothing it is shown: a fault in what
// listens makes it deaf, and the answer passes.
type ear struct {
	digest  digest
	kept    keptAnswer
	tap     tap    // nil when nothing is to be metered
	failure []byte // the beginning of an error's body
	failed  bool
	fault   *fault
}

// tap is a meter.Tap.
type tap interface {
	Write(p []byte) (int, error)
	Close() meter.Reading
}

// fault is a mistake of ours that was survived.
type fault struct {
	what  any
	stack string
}

// failureBound is how much of an error's body is looked at, in bytes.
const failureBound = 4 << 10

func (p *Proxy) listen(x *tollgate.Exchange, stream bool) *ear {
	e := &ear{digest: answerScheme.begin(), failed: x.Status >= http.StatusBadRequest}
	if x.Status == http.StatusOK && x.Operation == tollgate.Messages {
		e.tap = meter.NewTap(stream)
		if p.newTap != nil {
			e.tap = p.newTap(stream)
		}
	}
	return e
}

// hear is shown what an answer says in the form of the Messages API, and what
// the client is told of it, which is what the digest is of.
func (e *ear) hear(p, told []byte) {
	_, _ = e.digest.Write(told) // never fails
	e.kept.write(p, told)
	switch {
	case e.tap != nil && e.fault == nil:
		e.tell(p)
	case e.failed && len(e.failure) < failureBound:
		e.failure = append(e.failure, p[:min(len(p), failureBound-len(e.failure))]...)
	}
}

func (e *ear) tell(p []byte) {
	defer e.survive()
	_, _ = e.tap.Write(p) // never fails
}

func (e *ear) survive() {
	if what := recover(); what != nil {
		e.fault = &fault{what: what, stack: string(debug.Stack())}
	}
}

// close writes down what was heard and returns the usage. After a fault that
// is not all of it.
func (e *ear) close(x *tollgate.Exchange) meter.Reading {
	x.ResponseDigest = e.digest.close()
	reading := e.understand(x)
	if e.fault != nil {
		reading.Finished = false
	}
	return reading
}

func (e *ear) understand(x *tollgate.Exchange) (reading meter.Reading) {
	defer e.survive()
	if e.failed {
		x.Error = errorType("") // until more is known
		x.Error = failureType(e.failure)
	}
	if e.tap == nil {
		return meter.Reading{}
	}
	return e.tap.Close()
}

// failureType finds error.type in an error's body. The message is left out of
// the record: it may quote the conversation.
func failureType(body []byte) string {
	detail, _ := jsonedit.Find(body, "error")
	kind, _ := jsonedit.Find(detail.Value, "type")
	text, _ := kind.Text()
	return errorType(text)
}

// errorType is what an answer says of its own failure, if it is a word of the
// kind that providers use for it. Nothing else gets into the record: it might
// repeat what was sent.
func errorType(text string) string {
	if !errorWord.MatchString(text) {
		return "upstream_error"
	}
	return text
}

var errorWord = regexp.MustCompile(`^[a-z_]{1,64}$`)
