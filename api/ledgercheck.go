package api

// LedgerCheck is what came of comparing the ledger with everything that has to
// agree with it.
type LedgerCheck struct {
	Requests    int64    `json:"requests"`    // rows that were looked at
	Waiting     int64    `json:"waiting"`     // requests that have ended and are in the journal alone
	Open        int64    `json:"open"`        // requests that the journal saw begin and did not see end: under way, or cut off by a kill
	Differences int64    `json:"differences"` // of all checks
	Checks      []Check  `json:"checks"`
	Notes       []string `json:"notes"` // sentences on what is no difference and good to know
}

// Check is one of the comparisons.
type Check struct {
	Name        string   `json:"name"`
	About       string   `json:"about"`       // what it compares
	Differences int64    `json:"differences"` // how many it found
	Sentences   []string `json:"sentences"`   // one for each difference, 100 at most
}
