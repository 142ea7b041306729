package preview

import (
	"fmt"
	"strings"
	"time"

	"tollgate"
)

// reached is when a budget was spent entirely, in each of its windows and for
// each member.
type reached struct {
	before int // that were spent when the time began
	times  int
	first  []moment
}

type moment struct {
	whom tollgate.Scope
	at   time.Time
}

// mostReached are told one by one.
const mostReached = 5

func (r *reached) add(whom tollgate.Scope, at time.Time) {
	if r.times++; r.times <= mostReached {
		r.first = append(r.first, moment{whom, at})
	}
}

func (r *reached) sentence(zone *time.Location) string {
	var told []string
	switch r.before {
	case 0:
	case 1:
		told = append(told, "before that time began")
	default:
		told = append(told, fmt.Sprintf("before that time began by %d members", r.before))
	}
	for _, each := range r.first {
		told = append(told, fmt.Sprintf("by %s on %s", each.whom.Phrase(), each.at.In(zone).Format("2006-01-02 at 15:04")))
	}
	if more := r.times - len(r.first); more > 0 {
		told = append(told, fmt.Sprintf("and %d more times", more))
	}
	if len(told) == 0 {
		return "Its end was never reached."
	}
	return "Its end was reached " + strings.Join(told, ", ") + "."
}
