package app_test

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"tollgate/api"
	"tollgate/internal/gatewaytest"
	"tollgate/internal/store"
)

// TestPromise5_WhatAGatewayRecords of itself: its start and its end, whom it did
// not let in, configurations, what administrators did; and nobody's address.
func TestPromise5_WhatAGatewayRecords(t *testing.T) {
	g := gatewaytest.Start(t, gatewaytest.Options{Upstream: "http://127.0.0.1:9"})
	if _, err := g.Admin.CreateDeveloper(t.Context(), api.NewDeveloper{Email: "canary@example.com", Name: "Canary"}); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"tgk_000000000000_0000000000000000000000000000000000000000000", ""} {
		request, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, g.URL+"/v1/messages", strings.NewReader("{}"))
		request.Header.Set("X-Api-Key", key)
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
	}
	if err := g.Reload(t, gatewaytest.Options{Upstream: "http://127.0.0.1:10"}); err != nil {
		t.Fatal(err)
	}
	if _, err := g.Admin.CheckUpstream(t.Context(), "provider"); err != nil {
		t.Fatal(err)
	}
	if _, err := g.Admin.CheckUpstream(t.Context(), "nobody"); err == nil {
		t.Error("there is no such upstream")
	}
	if _, err := g.Admin.TestAlerts(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := g.Admin.Reload(t.Context()); err == nil {
		t.Error("this gateway has no file to read again")
	}
	if newest, err := g.Admin.Checkpoint(t.Context()); err != nil || !strings.HasPrefix(newest.Note, "tollgate-") {
		t.Errorf("%v, %q", err, newest.Note)
	}
	g.Stop(t)
	recorded := lines(t, g.Dir)
	for _, want := range []string{
		`"action":"gateway.start","id":"evt_`, `"action":"developer.create"`, `"actor":"admin:socket","object":"psn_`,
		`"action":"key.refuse"`, `"why":"missing","count":1`, `"action":"config.load"`, `"changed":["upstreams"]`, `"action":"gateway.stop"`,
		`"action":"upstream.check"`, `"actor":"admin:socket","object":"provider","about":{"ok":false,"status":0}`,
		`"action":"alert.test"`, `"object":"alerts","about":{"failed":0,"sinks":0}`, `"outcome":"failed","actor":"admin:socket","object":"configuration"`,
	} {
		if !strings.Contains(recorded, want) {
			t.Errorf("%s is not recorded in\n%s", want, recorded)
		}
	}
	if strings.Contains(strings.ToLower(recorded), "canary") {
		t.Errorf("the log names a person:\n%s", recorded)
	}
	if report := gatewaytest.IsWhole(t, g.Dir); report.Uncommitted != 0 || report.Held != 1 {
		t.Errorf("%+v", report)
	}
}

func lines(t *testing.T, folder string) string {
	t.Helper()
	kept, err := store.OpenReadOnly(t.Context(), filepath.Join(folder, store.File))
	if err != nil {
		t.Fatal(err)
	}
	defer kept.Close()
	state, err := kept.Trail().State(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for _, head := range state.Heads {
		for record, err := range kept.Trail().Lines(t.Context(), head.Chain, 1) {
			if err != nil {
				t.Fatal(err)
			}
			text.Write(record.Line)
			text.WriteByte('\n')
		}
	}
	return text.String()
}
