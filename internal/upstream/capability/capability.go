// Package capability knows what a provider and a model accept of a request
// beside what everybody accepts: betas, members of the body, members of tools.
// It is data, with a source and a date for every entry.
package capability

import (
	"tollgate"
	"tollgate/internal/jsonedit"
)

// Table is what one upstream accepts. It may be used by many goroutines at
// once.
type Table struct{}

// Fit collects in edits what has to change about a call for the upstream's model
// of this name, and returns the betas that may go with it. What was changed is
// said in splices, one sentence each. An error is a refusal: something that
// would change what the request means is never dropped.
func (t *Table) Fit(edits *jsonedit.Edits, call tollgate.Call, model string) (betas, splices []string, err error) {
	return call.Betas, nil, nil
}

// Learn reads the message of a 400 that a request was answered with. It is true
// when the message names something that the request had, that Fit would
// have left in, and that may be dropped; Fit then drops it.
func (t *Table) Learn(call tollgate.Call, body []byte, model, message string) bool { return false }
