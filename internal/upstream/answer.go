package upstream

import (
	"net/http"
	"strings"

	"tollgate"
	"tollgate/internal/dialect"
	"tollgate/internal/upstream/explain"
)

// Decode makes what turns the upstream's answer into the form of the Messages
// API; nil where it has that form. header becomes that of the answer it makes.
func (u *Upstream) Decode(call tollgate.Call, status int, header http.Header) dialect.Codec {
	return u.dialect.Decode(call, status, header)
}

// Dialect is the name of the one that it speaks.
func (u *Upstream) Dialect() string { return u.dialect.Name() }

// PlainErrors says whether its errors are what clients of the Messages API match
// on, and tell nothing of the operator's: they pass as they are.
func (u *Upstream) PlainErrors() bool { return u.Provider == "anthropic" }

// Explain makes of an error answer what a client may see.
func (u *Upstream) Explain(operation tollgate.Operation, status int, header http.Header, body []byte) explain.Explanation {
	return explain.Of(u.Provider, operation, status, header, body)
}

// Learn reads the message of a 400, and is true when the same call should be
// prepared and sent once more: something that the upstream does not accept is
// now left out.
func (u *Upstream) Learn(call tollgate.Call, body []byte, model string, message string) bool {
	return u.accepts != nil && !u.speaksTo(call) && u.accepts.Learn(call, body, model, message)
}

// requestIDs are the headers in which providers name an answer (providers.md
// 1.4, 2.5, 4 and 5, 2026-11-23).
var requestIDs = []string{"Request-Id", "X-Amzn-Requestid", "Apim-Request-Id", "X-Request-Id"}

// RequestID is the provider's name for an answer, empty when it gave none.
func RequestID(header http.Header) string {
	for _, name := range requestIDs {
		if id := strings.TrimSpace(header.Get(name)); id != "" {
			return id
		}
	}
	return ""
}
