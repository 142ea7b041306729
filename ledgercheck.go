package tollgate

// LedgerCheck is what came of comparing the ledger with everything that has to
// agree with it.
type LedgerCheck struct {
	Rows    int64 // that were looked at
	Waiting int64 // requests that have ended and are in the journal alone
	Open    int64 // requests that the journal saw begin and did not see end
	Checks  []CheckResult
	Notes   []string // sentences on what is no difference and good to know
}

// CheckResult is what one of the comparisons found.
type CheckResult struct {
	Name        string
	About       string   // what it compares
	Count       int64    // of differences
	Differences []string // sentences; when there are too many, the first of them
}

// Differences is how many there are in all.
func (c LedgerCheck) Differences() (n int64) {
	for _, each := range c.Checks {
		n += each.Count
	}
	return n
}
