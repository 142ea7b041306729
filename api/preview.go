package api

import "time"

// PreviewSpan is the time that a preview is about: dates, times of RFC 3339,
// or spans that count back from now.
type PreviewSpan struct {
	Since string `json:"since,omitempty"` // inclusive; default: 7d
	Until string `json:"until,omitempty"` // exclusive; default: now
}

// Preview is what a budget or a limit would have done to the requests that the
// ledger has. Nothing is refused by it.
type Preview struct {
	Since        time.Time        `json:"since"`
	Until        time.Time        `json:"until"`
	TimeZone     string           `json:"time_zone"`      // IANA name: where days begin
	Requests     int64            `json:"requests"`       // that the rule is about
	Refused      int64            `json:"refused"`        // of these, by the rule
	SavedNanoUSD int64            `json:"saved_nano_usd"` // what those cost that would have been refused
	Refusals     []PreviewRefusal `json:"refusals"`       // the most often refused first
	Notes        []string         `json:"notes"`          // sentences on what the ledger cannot tell
}

// PreviewRefusal is what would have happened to one developer or service
// account.
type PreviewRefusal struct {
	Whom     string    `json:"whom"` // a scope
	Refused  int64     `json:"refused"`
	Requests int64     `json:"requests"` // of the same, in all
	First    time.Time `json:"first"`    // refused
	Last     time.Time `json:"last"`
	Days     int64     `json:"days"` // on which there was at least one
}
