package tollgate

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"strings"
	"time"
)

// Exchange is the record of one request from end to end. The log line, the
// ledger row and whatever else tells of a request are projections of it, so
// that no two of them can disagree. The goroutine that serves the request owns
// it until it is recorded; after that nobody writes to it.
type Exchange struct {
	ID   string    // "req_…", sorts by time
	Time time.Time // arrival, UTC

	Principal

	// Address is the client's, as far as trusted proxies tell. It is for the
	// log alone.
	Address string

	// What the client says about itself. It is told, not proven.
	Session      string // x-claude-code-session-id
	Agent        string // x-claude-code-agent-id
	ParentAgent  string // x-claude-code-parent-agent-id
	RequestClass string // x-claude-code-request-class
	Prompt       string // x-claude-code-prompt-id
	Client       string // user-agent
	Project      string // x-tollgate-project
	Device       string // metadata.user_id: device_id
	Account      string // metadata.user_id: account_uuid

	Door          string // where it came in: "messages", or the cloud that the client takes the gateway for
	Operation     Operation
	Model         string // as asked for
	Upstream      string // the configured name of the last one tried; empty when none was
	UpstreamModel string // what it calls the model
	ServedModel   string // the name the provider answered with

	// MovedFrom is the upstream that served the session before, where this
	// request had to go to another one, and MovedTokens how many tokens of the
	// conversation were in that one's cache: about as many have to be cached again.
	MovedFrom   string
	MovedTokens int64

	Status  int // as the client got it; 499 when it hung up before any
	Stream  bool
	Usage   Usage // the tokens that were billed, by class
	Cost    Money
	Held    Money // in the budgets it is paid from while it was under way; not in the ledger
	Most    Money // that it could cost then, with all its attempts; not in the ledger
	Likely  Money // that it would cost then; not in the ledger
	Thought int64 // thinking tokens, a part of Usage.Output

	Estimated   bool // the provider did not say all of it: hang-up, cut, unknown price
	Interrupted bool // the gateway itself died in the middle

	FirstByte time.Duration // from arrival to the first byte of the answer; 0 when there was none
	Duration  time.Duration

	Timing Timing // not in the ledger
	// Failed are the upstreams that were tried and did not serve, in order, each
	// once. The one whose answer was passed on is among them only if others were
	// tried after it. They are not in the ledger either.
	Failed []Attempt

	StopReason        string
	UpstreamRequestID string
	RequestDigest     string // of the body as it came: "blake3:…"
	ForwardedDigest   string // of the body as it was sent, or would have been; "sha256:…" where a signature holds it
	ResponseDigest    string // of the answer's body, as far as it came: "sha256:…"
	RequestBytes      int64
	ResponseBytes     int64    // of the same; a client that hung up may have less
	Splices           []string // every edit between came and left
	Error             string   // safe for operators to read, empty when all went well

	// What became of the bodies beside their digests.
	RequestBody  BodyFate
	ResponseBody BodyFate

	Trace Trace // not in the ledger
}

// NewRequestID makes an id that sorts by time, to the microsecond, and is
// unique (64 random bits beside it).
func NewRequestID(at time.Time) string {
	raw := requestIDTime(at)
	rand.Read(raw[7:]) // never fails since Go 1.24
	return "req_" + requestIDEncoding.EncodeToString(raw[:])
}

// FirstRequestID is the smallest id that NewRequestID could make in the
// microsecond of at: a bound for ranges of ids. Before 1970 it is that of 1970.
func FirstRequestID(at time.Time) string {
	raw := requestIDTime(at)
	return "req_" + requestIDEncoding.EncodeToString(raw[:])
}

// IsRequestID says whether text has the form of a request's id.
func IsRequestID(text string) bool {
	body, found := strings.CutPrefix(text, "req_")
	raw, err := requestIDEncoding.DecodeString(body)
	return found && err == nil && len(raw) == len(requestIDTime(time.Time{})) && requestIDEncoding.EncodeToString(raw) == body
}

// requestIDTime is the part of an id that is not random: 56 bits of
// microseconds since 1970, enough for two thousand years.
func requestIDTime(at time.Time) (raw [15]byte) {
	micros := min(max(at.UnixMicro(), 0), 1<<56-1)
	binary.BigEndian.PutUint64(raw[:8], uint64(micros)<<8)
	return raw
}

// The alphabet ascends, so that text order is time order.
var requestIDEncoding = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)
