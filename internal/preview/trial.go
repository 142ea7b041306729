package preview

import (
	"time"

	"tollgate"
	"tollgate/internal/policy/recent"
)

// trial is a rule in its real gate, whose clock the replay sets.
type trial interface {
	scope() tollgate.Scope
	// counts says whether the rule is about requests of this caller for this
	// model, by its bare name.
	counts(who tollgate.Principal, model string) bool
	// meets says whether a request that was sent meets the gate.
	meets(x *tollgate.Exchange) bool
	// admit asks the gate at a moment. expected is what such requests have
	// consumed lately, if that is known. Whoever is admitted is settled.
	admit(x *tollgate.Exchange, at time.Time, expected recent.Sample, known bool) (settle func(at time.Time), err error)
	// notes are sentences on what the gate could not be told, refused or not.
	notes(refused int64) []string
}
