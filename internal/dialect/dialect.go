// Package dialect says what a wire format is to the gateway. The formats lie in
// the folders below: messages, bedrock, vertex.
//
// Clients' dialects and providers' never meet each other: what a client sends
// is read into a [tollgate.Call], an upstream writes the call in its own
// dialect, and an answer on its way back has the form that the Messages API
// gives it in between. Bodies are edited in place and never written anew; where
// client and provider speak the same dialect, nothing is edited at all.
package dialect

import (
	"encoding/json"
	"net/http"

	"tollgate"
	"tollgate/internal/jsonedit"
)

// The dialects, as Call.Dialect names them.
const (
	Messages = "messages"
	Bedrock  = "bedrock"
	Vertex   = "vertex"
)

// Dialect is one wire format, of clients and of providers alike. It has no
// state and may be used by many goroutines at once.
type Dialect interface {
	// Name is one of the constants above.
	Name() string
	// Address says how a call is put to a provider that knows its model by this
	// name. The call's betas are those that are to arrive.
	Address(call tollgate.Call, model string) Envelope
	// Decode makes what turns a provider's answer into the form of the Messages
	// API; nil where it has that form already. header is the answer's, in which
	// it sets what then becomes true of it.
	Decode(call tollgate.Call, status int, header http.Header) Codec
	// Encode makes what turns an answer in the form of the Messages API into the
	// client's; nil where that is the same. header is the answer's, as in Decode.
	Encode(call tollgate.Call, status int, header http.Header) Codec
	// Fault is the body of an error, and sets in header what goes with it.
	Fault(header http.Header, fault Fault) []byte
}

// Envelope is what a dialect puts around a conversation.
type Envelope struct {
	// Path is put behind the upstream's address. It is escaped.
	Path string
	// Members are those of the body that belong to the envelope, as they are to
	// be. A member without a value is not to be there.
	Members []jsonedit.Setting
	// VersionInHeader and BetasInHeader say that they are sent as the headers
	// anthropic-version and anthropic-beta; otherwise neither is sent as one.
	VersionInHeader, BetasInHeader bool
	// Wrap makes the body to send of the edited one, for what a provider takes
	// only inside another document; nil: it is sent as it is.
	Wrap func(body []byte) []byte
}

// Codec turns an answer from one form into another while it arrives. One
// goroutine owns it.
type Codec interface {
	// Turn takes the next bytes of the answer and returns what they come to,
	// which is valid until the next call. Whole events are returned as soon as
	// they are there. After an error, which says that these bytes are no answer
	// of that form, nothing more is to be had; what came before it is returned
	// beside it.
	Turn(piece []byte) ([]byte, error)
	// End says that the answer has ended, and returns what is still to be said.
	// The error is io.ErrUnexpectedEOF when it broke off in the middle.
	End() ([]byte, error)
}

// Fault is an error as a client is told of it.
type Fault struct {
	Status    int
	Type      string          // error.type of the Messages API
	Message   string          // safe for strangers
	Details   json.RawMessage // error.details, nil for none
	RequestID string
}
