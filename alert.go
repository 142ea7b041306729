package tollgate

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"
)

// Alert is the news that a budget has reached a threshold, on its way to one of
// those who are told.
type Alert struct {
	Budget    string // its id
	Member    Scope  // zero: shared
	Start     time.Time
	Threshold int    // in per cent of the limit
	Sink      string // the configured name of where it goes

	Raised    time.Time // when the threshold was found to be reached
	Attempts  int       // that have failed
	Delivered time.Time // zero: not yet
	GivenUp   time.Time // zero: not
	Error     string    // of the last attempt, safe for operators
	Text      AlertText // as it stood when it was raised
}

// AlertText is what an alert says.
type AlertText struct {
	Scope  Scope // of the budget
	Period Period
	Models []string
	Hard   bool
	Limit  Money
	Spent  Money
	Reset  time.Time // zero: never
}

// ID is "alr_…". It follows from what the alert is about and where it goes, so
// that it is the same at every attempt and after every restart.
func (a *Alert) ID() string {
	about := fmt.Sprintf("%q %q %d %d %q", a.Budget, a.Member, a.Start.Unix(), a.Threshold, a.Sink)
	sum := sha256.Sum256([]byte(about))
	return "alr_" + hex.EncodeToString(sum[:12])
}

// Whom is the member, or the scope that shares the budget.
func (a *Alert) Whom() Scope {
	if a.Member != (Scope{}) {
		return a.Member
	}
	return a.Text.Scope
}

// AlertTest is what became of a trial message to one sink.
type AlertTest struct {
	Sink  string
	Error string // empty: it was taken
}
