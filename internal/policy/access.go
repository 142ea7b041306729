// Package policy holds the gates a request passes between being understood and
// being sent. A gate says yes, or no with a sentence that names what stands in
// the way and who can change it.
package policy

import (
	"slices"

	"tollgate"
)

// Access is the gate that keeps a key to the models it was made for.
type Access struct{}

// Admit returns nil, or a Forbidden error. A key without globs may use every
// model that is routed.
func (a Access) Admit(who tollgate.Principal, model string) error {
	bare := tollgate.BareModel(model)
	allowed := func(glob string) bool { return tollgate.MatchModel(glob, bare) }
	if !a.Limits(who) || slices.ContainsFunc(who.Models, allowed) {
		return nil
	}
	return tollgate.Errorf(tollgate.Forbidden,
		"model %.100q is not allowed for your key %s; run /model to pick another, or ask the administrator of this gateway for a key that may use it", model, who.Key)
}

// Limits says whether there is any model that this caller may not use.
func (Access) Limits(who tollgate.Principal) bool { return len(who.Models) > 0 }
