package tollgate

import "net/http"

// Operation is what a request asks of a model.
type Operation string

// The operations that reach a provider.
const (
	Messages    Operation = "messages"
	CountTokens Operation = "count_tokens"
)

// Call is what is asked, in neutral terms: the few members that the gateway
// reads. The body itself travels beside it as the bytes that came; it is never
// decoded into types and never written anew.
type Call struct {
	Operation Operation
	Model     string // as the client wrote it
	Stream    bool
	MaxTokens int64  // 0 when the client named none, or none that can be relied on
	Device    string // metadata.user_id: device_id, empty when absent
	Account   string // metadata.user_id: account_uuid, empty when absent

	Header   http.Header // as received; credentials still inside
	RawQuery string
}
