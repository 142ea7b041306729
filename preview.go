package tollgate

import "time"

// Preview is what a budget or a limit would have done to the requests that the
// ledger has.
type Preview struct {
	Since, Until time.Time
	Requests     int64 // that the rule is about
	Refused      int64 // of these, by the rule
	Saved        Money // what those cost that would have been refused
	// Refusals are those who would have been refused, the most often refused
	// first.
	Refusals []PreviewRefusal
	Notes    []string // sentences on what the ledger cannot tell
}

// PreviewRefusal is what would have happened to one caller.
type PreviewRefusal struct {
	Whom        Scope // the developer or the service account
	Refused     int64
	Requests    int64 // of the same, in all
	First, Last time.Time
	Days        int64 // on which there was at least one, by the organisation's calendar
}
