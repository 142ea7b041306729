package preview

import (
	"tollgate"
	"tollgate/internal/policy/recent"
)

// trial is a rule in its real gate, which goes by the clock of the replay.
type trial interface {
	scope() tollgate.Scope
	// counts says whether the rule is about requests of this caller for this
	// model, by its bare name.
	counts(who tollgate.Principal, model string) bool
	// meets says whether a request that was sent meets the gate.
	meets(x *tollgate.Exchange) bool
	// admit asks the gate. expected is what such requests have
	// consumed lately, if that is known. Whoever is admitted is settled.
	admit(x *tollgate.Exchange, expected recent.Sample, known bool) (settle func(), err error)
	// notes are sentences on what the gate could not be told, refused or not.
	notes(refused int64) []string
}
