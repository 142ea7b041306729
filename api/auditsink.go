package api

import "time"

// AuditSink is one of those who are handed the audit log, and how far it has come.
type AuditSink struct {
	Name    string     `json:"name"`
	Kind    string     `json:"kind"`
	Waiting int64      `json:"waiting"` // records that it has not got
	Oldest  *time.Time `json:"oldest_at"`

	Chain      *string    `json:"chain"` // of the record that it took last; null: none since the start
	Number     *int64     `json:"number"`
	Checkpoint *int64     `json:"checkpoint"` // the size of its tree
	Delivered  *time.Time `json:"delivered_at"`

	Records      int64      `json:"records"`
	Failures     int64      `json:"failures"`
	FailingSince *time.Time `json:"failing_since"` // null: it does not fail
	Error        *string    `json:"error"`
}
