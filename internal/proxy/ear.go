package proxy

import (
	"net/http"
	"regexp"

	"tollgate"
	"tollgate/internal/jsonedit"
	"tollgate/internal/meter"
)

// ear listens to an answer beside the copy: its digest, its usage, and of an
// error its type. It never fails and keeps nothing it is shown.
type ear struct {
	digest  digest
	tap     *meter.Tap // nil when nothing is to be metered
	failure []byte     // the beginning of an error's body
	failed  bool
}

// failureBound is how much of an error's body is looked at, in bytes.
const failureBound = 4 << 10

func listen(x *tollgate.Exchange, stream bool) *ear {
	e := &ear{digest: answerScheme.begin(), failed: x.Status >= http.StatusBadRequest}
	if x.Status == http.StatusOK && x.Operation == tollgate.Messages {
		e.tap = meter.NewTap(stream)
	}
	return e
}

func (e *ear) hear(p []byte) {
	_, _ = e.digest.Write(p) // never fails
	switch {
	case e.tap != nil:
		_, _ = e.tap.Write(p) // never fails
	case e.failed && len(e.failure) < failureBound:
		e.failure = append(e.failure, p[:min(len(p), failureBound-len(e.failure))]...)
	}
}

// close writes down what was heard and returns the usage.
func (e *ear) close(x *tollgate.Exchange) meter.Reading {
	x.ResponseDigest = e.digest.close()
	if e.failed {
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
