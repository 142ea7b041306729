package gatewaytest

import (
	"context"
	"path/filepath"
	"testing"

	"tollgate/internal/app"
	"tollgate/internal/audit"
	"tollgate/internal/store"
)

// IsWhole fails the test if the audit log in a data folder is not whole, or does
// not say the same as the ledger.
func IsWhole(t testing.TB, folder string) audit.Report {
	t.Helper()
	kept, err := store.OpenReadOnly(context.Background(), filepath.Join(folder, store.File)) // t.Context may have ended by now
	if err != nil {
		t.Error(err)
		return audit.Report{}
	}
	defer kept.Close()
	evidence, err := app.OpenEvidence(kept, folder)
	if err != nil {
		t.Error(err)
		return audit.Report{}
	}
	report, err := evidence.Verify(context.Background(), nil)
	if err != nil || !report.OK() {
		t.Errorf("the audit log is not whole: %v %+v", err, report.Faults)
	}
	return report
}
