package app_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tollgate/api"
	"tollgate/client"
	"tollgate/internal/gatewaytest"
)

// TestPromise5_ARecordsTimeIsOver: it stays as long as is configured, longer under a
// legal hold, and then it goes. The log proves itself before and after, to a gateway
// that runs and to one that is stopped.
func TestPromise5_ARecordsTimeIsOver(t *testing.T) {
	options := gatewaytest.Options{Upstream: "http://127.0.0.1:9", Config: "audit: {retention: 30d}"}
	g := gatewaytest.Start(t, options)
	if _, err := g.Admin.CreateTeam(t.Context(), api.NewTeam{Name: "canary-team"}); err != nil {
		t.Fatal(err)
	}
	g.Restart(t, options)
	verified := func() api.AuditVerification {
		t.Helper()
		found, err := g.Admin.VerifyAudit(t.Context(), nil)
		if err != nil || len(found.Faults) > 0 {
			t.Fatalf("%v %+v", err, found)
		}
		return found
	}
	in := func(days int) time.Time { return time.Now().Add(time.Duration(days) * 24 * time.Hour) }
	before := verified().Records
	g.App().Retire(t.Context(), in(29))
	if found := verified(); found.Retired != 0 || found.Records < before {
		t.Errorf("before its time: %+v", found)
	}
	hold, err := g.Admin.AddHold(t.Context(), api.NewHold{Scope: "org", Reason: "a case"})
	if err != nil {
		t.Fatal(err)
	}
	g.App().Retire(t.Context(), in(40))
	if found := verified(); found.Retired != 0 || !strings.Contains(g.Log(), "a legal hold is in force") {
		t.Errorf("under a hold: %+v", found)
	}
	if _, err := g.Admin.RemoveHold(t.Context(), hold.ID, "over"); err != nil {
		t.Fatal(err)
	}
	if _, err := g.Admin.Checkpoint(t.Context()); err != nil {
		t.Fatal(err)
	}
	g.App().Retire(t.Context(), in(40))
	found := verified()
	if found.Retired < before {
		t.Errorf("after its time: %+v", found)
	}
	page, err := g.Admin.AuditRecords(t.Context(), client.AuditQuery{Limit: 100})
	if err != nil || len(page.Data) != 1 || page.Data[0].Action != "audit.retire" {
		t.Errorf("there are %+v, %v", page.Data, err)
	}
	var export bytes.Buffer
	if err := g.Admin.ExportAudit(t.Context(), &export); err != nil || strings.Contains(export.String(), "canary-team") {
		t.Errorf("the export has what is gone, or: %v", err)
	}
	options.Config = "audit: {retention: 0s}"
	if err := g.Reload(t, options); err != nil {
		t.Fatal(err)
	}
	g.App().Retire(t.Context(), in(4000))
	if again := verified(); again.Retired != found.Retired {
		t.Errorf("records that are kept for ever are gone: %+v", again)
	}
	g.Stop(t)
	gatewaytest.IsWhole(t, g.Dir)
	if text, err := os.ReadFile(filepath.Join(g.Dir, "audit", "checkpoint")); err != nil || len(text) == 0 {
		t.Error(err)
	}
}
