package api

import (
	"encoding/json"
	"time"
)

// AuditCheckpoint commits to everything that was recorded when it was taken.
type AuditCheckpoint struct {
	Note string `json:"note"` // signed, empty when nothing was ever recorded
	Key  string `json:"key"`  // the public key that proves it
}

// AuditVerification is what came of reading the whole audit log.
type AuditVerification struct {
	Chains       int          `json:"chains"`
	Records      int64        `json:"records"`       // that are bound to each other
	Checkpoints  int          `json:"checkpoints"`   // of the log, whose signatures hold
	Held         int          `json:"held"`          // of those that were kept elsewhere
	Newest       *time.Time   `json:"newest"`        // when the newest of them was taken; null: there is none
	Uncommitted  int64        `json:"uncommitted"`   // records that came after it, and are signed by none
	RowsCompared bool         `json:"rows_compared"` // with the ledger; an export has none
	Rows         int64        `json:"rows"`          // of the ledger that say what their records say
	Retired      int64        `json:"retired"`       // records whose time was over, and that are given up as is signed
	RowsRetired  int64        `json:"rows_retired"`  // of the ledger, whose records are: nothing proves them any more
	Faults       []AuditFault `json:"faults"`        // empty: nothing was changed
}

// AuditFault is the first wrong place of a chain, or of what binds them.
type AuditFault struct {
	Kind   string `json:"kind"`   // edited, missing, reordered, cut, forked, unsigned or unmatched
	Chain  string `json:"chain"`  // empty: of the checkpoints, or of the ledger
	Number int64  `json:"number"` // of the record; 0: of none
	Says   string `json:"says"`   // a sentence
}

// AuditEntry is a record of the audit log in a list.
type AuditEntry struct {
	Time    time.Time       `json:"time"`
	ID      string          `json:"id"` // of the request or of the event
	Chain   string          `json:"chain"`
	Number  int64           `json:"number"`
	Action  string          `json:"action"`
	Outcome string          `json:"outcome"`
	Actor   *string         `json:"actor"`
	Object  *string         `json:"object"`
	Record  json.RawMessage `json:"record"` // letter by letter what was hashed
}

// AuditRecord is a record of the audit log and what commits to it.
type AuditRecord struct {
	Chain      string          `json:"chain"`
	Number     int64           `json:"number"`
	Hash       string          `json:"hash"` // SHA-256 of the record, in hex
	Record     json.RawMessage `json:"record"`
	Leaf       *string         `json:"leaf"`       // the first leaf that says its chain had come as far; null: none yet
	Checkpoint *string         `json:"checkpoint"` // the first signed note that commits to the leaf
}
