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
//
// Every dialect says who is asked, in which version and with which betas in a
// place of its own: path, header or body. Here they are found whatever the
// place was.
type Call struct {
	Operation Operation
	Door      string // where it came in, which is also who the client takes this for: "messages", "bedrock", …
	Dialect   string // in which its body is written, and its answer expected: "messages", "bedrock" or "vertex"
	Model     string // as the Messages API spells it
	Spelled   string // as the client wrote it
	Stream    bool
	Version   string   // anthropic-version; empty when the client named none
	Betas     []string // anthropic-beta, in the order in which they came, each once
	MaxTokens int64    // 0 when the client named none, or none that can be relied on
	Device    string   // metadata.user_id: device_id, empty when absent
	Account   string   // metadata.user_id: account_uuid, empty when absent

	// Own is the developer's own credential, as Authorization has it, to be sent to
	// Anthropic in place of the gateway's; empty: the gateway's. It is never kept.
	Own string

	Header   http.Header // as received; credentials still inside
	RawQuery string
}
