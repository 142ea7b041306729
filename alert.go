package tollgate

import "time"

// Alert is the news that a budget has reached a threshold, on its way to one of
// those who are told.
type Alert struct {
	Budget    string // its id
	Member    Scope  // zero: shared
	Start     time.Time
	Threshold int    // in per cent of the limit
	Sink      string // the configured name of where it goes

	Raised    time.Time // when the threshold was found to be passed
	Attempts  int
	Next      time.Time // not before then is it tried again
	Delivered time.Time // zero: not yet
	Error     string    // of the last attempt, safe for operators
	Text      AlertText // as it stood when it was raised
}

// AlertText is what an alert says.
type AlertText struct {
	Scope  string // as in "team:core"
	Whom   string // the member or the scope
	Period Period
	Models []string
	Hard   bool
	Limit  Money
	Spent  Money
	Reset  time.Time // zero: never
}

// AlertTest is what became of a trial message to one sink.
type AlertTest struct {
	Sink  string
	Error string // empty: it was taken
}
