package proxy

import (
	"errors"

	"tollgate/internal/upstream"
)

// Why an attempt gave no answer, as its span says it.
const (
	failedNotSent  = "not_sent"  // no connection, or no credential
	failedNoAnswer = "no_answer" // it was sent, and the connection broke
	failedTimeout  = "timeout"   // the answer did not begin within first_byte
)

func whyFailed(err error) string {
	switch {
	case errors.Is(err, errFirstByte):
		return failedTimeout
	case errors.Is(err, upstream.ErrReached):
		return failedNoAnswer
	}
	return failedNotSent
}
