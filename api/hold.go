package api

import "time"

// Hold is a legal hold: nothing of whom it is on is removed or erased.
type Hold struct {
	ID        string    `json:"id"`
	Scope     string    `json:"scope"` // org or developer:EMAIL
	Reason    string    `json:"reason"`
	CreatedAt time.Time `json:"created_at"`
	CreatedBy string    `json:"created_by"`
}

// NewHold asks for a legal hold.
type NewHold struct {
	Scope  string `json:"scope"`
	Reason string `json:"reason"`
}

// RemoveHold ends a legal hold.
type RemoveHold struct {
	Reason string `json:"reason"`
}

// Erasure is what is left of a person who was erased.
type Erasure struct {
	Person string `json:"person"` // the pseudonym in the ledger and the audit log, for which nothing stands any more
}
