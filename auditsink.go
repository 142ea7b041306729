package tollgate

import "time"

// AuditBacklog is a chain of the audit log of which a sink has not got everything.
type AuditBacklog struct {
	Chain   string
	Through int64 // the number of the last record that the sink has; 0: none
	Length  int64 // of the chain
}

// AuditCheckpoint is a signed checkpoint of the audit log.
type AuditCheckpoint struct {
	Size int64 // of its tree, by which checkpoints are ordered
	Note string
}

// AuditSink is one of those who are handed the audit log, and how far it has come.
type AuditSink struct {
	Name, Kind string

	Waiting int64     // records that it has not got
	Oldest  time.Time // of the first of them; zero: none waits

	// What it took last, since the process was started.
	Chain      string
	Number     int64
	Checkpoint int64 // the size of the tree
	Delivered  time.Time

	// Counted since the process was started.
	Records, Failures int64

	FailingSince time.Time // zero: it does not fail
	Error        string
}
