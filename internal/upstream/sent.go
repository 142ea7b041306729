package upstream

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync/atomic"
)

// ErrReached is wrapped by an error of Send when the request had begun to leave
// for the provider, which may have worked on it, and charge for it, all the
// same.
var ErrReached = errors.New("the request had reached the upstream")

// roundTrip makes the exchange and says of a failure whether the request had
// left by then.
func (u *Upstream) roundTrip(ctx context.Context, request *http.Request) (*http.Response, error) {
	var reached atomic.Bool
	trace := &httptrace.ClientTrace{
		GetConn:      func(string) { reached.Store(false) }, // also before another try, after a connection that took nothing
		WroteHeaders: func() { reached.Store(true) },
	}
	response, err := u.transport.RoundTrip(request.WithContext(httptrace.WithClientTrace(ctx, trace)))
	if err == nil && (response.StatusCode < http.StatusOK || response.StatusCode > 599) {
		_ = response.Body.Close() // nothing in it is of use
		err = fmt.Errorf("the answer's status is %d, which is none", response.StatusCode)
	}
	switch {
	case err == nil:
		return response, nil
	case reached.Load():
		return nil, fmt.Errorf("%w: %w", ErrReached, withoutSecrets(err, request.Header))
	}
	return nil, withoutSecrets(err, request.Header)
}

// errUnreadable stands in for an error that must not be repeated.
var errUnreadable = errors.New("the answer cannot be read, and repeats a header of the request")

// withoutSecrets keeps out of the log what net/http quotes from an answer that
// it cannot read, if that is a credential.
func withoutSecrets(err error, sent http.Header) error {
	text := err.Error()
	for _, lines := range sent {
		for _, line := range lines {
			secret := strings.TrimPrefix(line, "Bearer ")
			if len(secret) >= shortestSecret && strings.Contains(text, secret) {
				return errUnreadable
			}
		}
	}
	return err
}

// shortestSecret is longer than the headers that are no secret and may well be
// repeated, and shorter than any credential.
const shortestSecret = 16
