package tollgate

import (
	"crypto/rand"
	"time"
)

// Hold is a legal hold: nothing of whom it is on is removed because its time is
// over, and nobody of them is erased, until it is removed.
type Hold struct {
	ID        string // "hld_…"
	Scope     Scope  // the organisation, or a developer
	Reason    string
	CreatedAt time.Time
	CreatedBy string // "admin:NAME"
}

// NewHoldID makes the id of a hold.
func NewHoldID() string { return "hld_" + rand.Text()[:16] }
