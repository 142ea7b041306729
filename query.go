package tollgate

import "time"

// KeyFilter chooses keys. Empty members let every key through.
type KeyFilter struct {
	Developer string
	Service   string
	Team      string
}

// RequestQuery chooses rows of the ledger, newest first.
type RequestQuery struct {
	Since  time.Time           // inclusive; zero: since ever
	Until  time.Time           // exclusive; zero: for ever
	Where  map[string][]string // attribute → any of these values
	Limit  int                 // rows on a page
	Cursor string              // from the page before; empty: the first page
}

// UsageQuery asks what was consumed, by which attributes.
type UsageQuery struct {
	By       []string
	Since    time.Time // inclusive; zero: since ever
	Until    time.Time // exclusive; zero: for ever
	Where    map[string][]string
	Location *time.Location // where days begin
}

// UsageReport answers a UsageQuery. Total is the sum of the rows.
type UsageReport struct {
	By           []string
	Since, Until time.Time
	Location     *time.Location // where days began
	Rows         []UsageRow
	Total        UsageRow
	Unstored     int64 // requests that had ended and were not in the ledger yet
}

// RequestPage answers a RequestQuery.
type RequestPage struct {
	Rows     []*Exchange
	Next     string // the cursor of the page that follows; empty on the last one
	Unstored int64  // requests that had ended and were not in the ledger yet
}

// UsageRow is what the requests with these attributes consumed together.
type UsageRow struct {
	By          map[string]string
	Requests    int64
	Tokens      Tokens
	WebSearches int64
	Cost        Money
	Estimated   int64 // how many of the requests are estimates
}
