package admin

import (
	"context"
	"net/http"

	"tollgate"
	"tollgate/api"
)

// CheckLedger compares the ledger with everything that has to agree with it.
// It reads all of it, and may take minutes.
func (s *Service) CheckLedger(ctx context.Context, caller Caller) (tollgate.LedgerCheck, error) {
	if err := s.authorize(caller, checkLedger); err != nil {
		return tollgate.LedgerCheck{}, err
	}
	return s.ledger.Check(ctx)
}

func (f *face) checkLedger(r *http.Request, caller Caller) (any, error) {
	found, err := f.service.CheckLedger(r.Context(), caller)
	return wireLedgerCheck(found), err
}

func wireLedgerCheck(found tollgate.LedgerCheck) api.LedgerCheck {
	return api.LedgerCheck{
		Requests:    found.Rows,
		Waiting:     found.Waiting,
		Open:        found.Open,
		Differences: found.Differences(),
		Checks:      each(found.Checks, wireCheck),
		Notes:       list(found.Notes),
	}
}

func wireCheck(found tollgate.CheckResult) api.Check {
	return api.Check{Name: found.Name, About: found.About, Differences: found.Count, Sentences: list(found.Differences)}
}
