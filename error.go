package tollgate

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"
)

// Kind says what sort of thing went wrong.
type Kind uint8

// The kinds. Each has a line in the one table below.
const (
	Internal        Kind = iota // ours, not the caller's
	Invalid                     // the request cannot be understood
	Unauthenticated             // no key, or one that opens nothing
	Forbidden                   // a good key that may not do this
	NotFound
	Conflict    // it is there already, or something hangs on it
	TooLarge    // over a bound on size
	Unsupported // a form of request that the gateway does not read
	Unserved    // no provider that may be asked has this
	TooSlow     // the client did not send its request in time
	OverBudget  // there is no money left for it
	TooFast     // it is over a limit on rate or concurrency
	Overloaded  // nothing could serve it now: no provider answers
	Full        // this process holds as much as it may
	Unrecorded  // it cannot be recorded just now, so it is not sent
	Stopping    // this process is about to end; another will serve it
	ClientGone  // the client hung up: recorded, never spoken
)

// kinds is the one table from kind to HTTP status to the error type on the
// wire. Source of the wire types: providers.md 1.5, 2026-11-23. final says
// that asking again cannot help, which the client is told with x-should-retry.
var kinds = map[Kind]struct {
	status int
	wire   string
	final  bool
	name   string // one of its own for each, unlike wire: metrics tell them apart
}{
	Internal:        {http.StatusInternalServerError, "api_error", false, "internal"},
	Invalid:         {http.StatusBadRequest, "invalid_request_error", true, "invalid"},
	Unauthenticated: {http.StatusUnauthorized, "authentication_error", true, "unauthenticated"},
	Forbidden:       {http.StatusForbidden, "permission_error", true, "forbidden"},
	NotFound:        {http.StatusNotFound, "not_found_error", true, "not_found"},
	Conflict:        {http.StatusConflict, "conflict_error", true, "conflict"},
	TooLarge:        {http.StatusRequestEntityTooLarge, "request_too_large", true, "too_large"},
	Unsupported:     {http.StatusUnsupportedMediaType, "invalid_request_error", true, "unsupported"},
	Unserved:        {http.StatusNotImplemented, "not_supported", true, "unserved"},
	TooSlow:         {http.StatusRequestTimeout, "timeout_error", false, "too_slow"},
	OverBudget:      {http.StatusTooManyRequests, "billing_error", true, "over_budget"},
	TooFast:         {http.StatusTooManyRequests, "rate_limit_error", false, "too_fast"},
	Overloaded:      {529, "overloaded_error", false, "overloaded"},
	Full:            {529, "overloaded_error", false, "full"},
	Unrecorded:      {529, "overloaded_error", false, "unrecorded"},
	Stopping:        {http.StatusServiceUnavailable, "api_error", false, "stopping"},
	ClientGone:      {499, "client_closed_request", true, "client_gone"},
}

// Kinds are all of them.
func Kinds() []Kind { return slices.Sorted(maps.Keys(kinds)) }

// String is the kind's name, one lower-case word or several joined by "_".
func (k Kind) String() string { return kinds[k].name }

// Status is the HTTP status this kind is spoken with.
func (k Kind) Status() int { return kinds[k].status }

// WireType is the error.type of the Anthropic envelope.
func (k Kind) WireType() string { return kinds[k].wire }

// Final says that the same request cannot succeed on another try.
func (k Kind) Final() bool { return kinds[k].final }

// Error is the one error that crosses package borders when somebody outside
// has to be told. Message is a sentence that is safe for strangers: what
// happened and what to do. Cause is for operators and is never shown to a
// caller.
type Error struct {
	Kind       Kind
	Message    string
	Cause      error
	RetryAfter time.Duration // when it makes sense to ask again; 0: not said
	Budget     *BudgetState  // of OverBudget: the one without room
	Details    string        // error.details.error_code, by which clients tell what to do without; empty for none
}

// Errorf makes an Error whose message is safe for strangers.
func Errorf(kind Kind, format string, args ...any) *Error {
	return &Error{Kind: kind, Message: fmt.Sprintf(format, args...)}
}

// Because returns a copy of e that carries its cause for operators.
func (e *Error) Because(cause error) *Error {
	with := *e
	with.Cause = cause
	return &with
}

// Error is the text for operators: message and cause.
func (e *Error) Error() string {
	if e.Cause == nil {
		return e.Message
	}
	return e.Message + ": " + e.Cause.Error()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// AsError finds the Error inside err. Any other error becomes Internal with a
// message that tells a stranger nothing.
func AsError(err error) *Error {
	var known *Error
	if errors.As(err, &known) {
		return known
	}
	return Errorf(Internal, "tollgate could not do this because of a fault of its own; its log has the cause").Because(err)
}

// IsKind says whether err is, or wraps, an Error of this kind.
func IsKind(err error, kind Kind) bool {
	var known *Error
	return errors.As(err, &known) && known.Kind == kind
}

// Problem is one mistake in something a person wrote: where it stands, what
// is wrong, what to do about it.
type Problem struct {
	Path    string // as in "upstreams[1].base_url"
	Line    int    // 1-based; 0 when unknown
	Message string
	Remedy  string
}

// String is one line: "line 7: upstreams[1].base_url: what is wrong; what to do".
func (p Problem) String() string {
	text := p.Message
	if p.Path != "" {
		text = p.Path + ": " + text
	}
	if p.Line > 0 {
		text = fmt.Sprintf("line %d: %s", p.Line, text)
	}
	if p.Remedy != "" {
		text += "; " + p.Remedy
	}
	return text
}
