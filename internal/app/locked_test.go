package app_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"tollgate"
	"tollgate/api"
	"tollgate/client"
	"tollgate/internal/app"
	"tollgate/internal/gatewaytest"
	"tollgate/internal/handover"
	"tollgate/internal/store"
)

// lock keeps everybody else from writing the database, as a program does that
// hangs with the file open, until it is unlocked or the test ends.
func lock(t *testing.T, folder string) (unlock func()) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(folder, store.File))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	connection, err := db.Conn(t.Context())
	if err == nil {
		_, err = connection.ExecContext(t.Context(), "PRAGMA busy_timeout = 10000; BEGIN EXCLUSIVE")
	}
	if err != nil {
		t.Fatal(err)
	}
	return func() {
		if _, err := connection.ExecContext(t.Context(), "ROLLBACK"); err != nil {
			t.Error(err)
		}
	}
}

// TestPromise2_StopWhileTheDatabaseIsLocked: a stop does not wait for the
// database for long, and loses nothing: the journal has it, and the next start
// stores it.
func TestPromise2_StopWhileTheDatabaseIsLocked(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	close(p.goOn)
	var log bytes.Buffer // read after everything has stopped
	gateway, key, folder := startAlone(t, p.URL, &log)
	gateway.SetStoreBound(10 * time.Millisecond)
	unlock := lock(t, folder)
	askMany(t, gateway.URL, key, 20)
	if err := gateway.Stop(t.Context()); err != nil {
		t.Errorf("the stop says: %v", err)
	}
	if !strings.Contains(log.String(), "the next start stores it") {
		t.Error(log.String())
	}
	unlock()
	if rows := stored(t, folder); len(rows) != 0 {
		t.Fatalf("%d rows while it was locked", len(rows))
	}
	again := startIn(t, folder, p.URL, &log)
	if rows, err := again.Requests(t.Context(), tollgate.RequestQuery{Limit: 100}); err != nil || len(rows) != 20 {
		t.Errorf("%d rows after the next start, %v", len(rows), err)
	}
	if err := again.Stop(t.Context()); err != nil {
		t.Error(err)
	}
	for _, x := range stored(t, folder) {
		if x.Interrupted || int64(x.Cost) != answerCost {
			t.Errorf("%+v", x)
		}
	}
}

// startAlone is a gateway whose stop may fail.
func startAlone(t *testing.T, upstream string, log io.Writer) (gateway *app.App, key, folder string) {
	t.Helper()
	folder = shortFolder(t)
	gateway = startIn(t, folder, upstream, log)
	created, err := client.Socket(gateway.Socket).CreateKey(t.Context(), api.NewKey{Service: "ci"})
	if err != nil {
		t.Fatal(err)
	}
	return gateway, created.Key, folder
}

func startIn(t *testing.T, folder, upstream string, log io.Writer) *app.App {
	t.Helper()
	return startWith(t, folder, upstream, app.Options{Log: slog.New(slog.NewTextHandler(log, nil))})
}

// startWith is a gateway that soon closes connections at rest, so that no stop
// waits for them.
func startWith(t *testing.T, folder, upstream string, options app.Options) *app.App {
	t.Helper()
	c := settings(t, fmt.Sprintf("data_dir: %q\nlisten: {address: \"127.0.0.1:0\"}\nlimits: {idle: 100ms}\nupstreams: [{name: provider, provider: anthropic, base_url: %q, api_key: k}]\n", folder, upstream))
	gateway, err := app.Start(t.Context(), c, options)
	if err != nil {
		t.Fatal(err)
	}
	return gateway
}

// shortFolder is a folder whose path leaves room for a socket's name.
func shortFolder(t *testing.T) string {
	t.Helper()
	folder, err := os.MkdirTemp("", "tg")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	return folder
}

func await(t *testing.T, done <-chan struct{}, what string) {
	t.Helper()
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		t.Fatal("waited in vain for " + what)
	}
}

// TestReportsDoNotWaitForAWriter: while the database takes no rows,
// administrators are shown those that it has. Nothing is lost meanwhile.
func TestReportsDoNotWaitForAWriter(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	gateway := gatewaytest.Start(t, gatewaytest.Options{Upstream: p.URL})
	askMany(t, gateway.URL, gateway.Key, 1)
	before := gateway.WaitRows(t, 1)[0]
	unlock := lock(t, gateway.Dir)
	askMany(t, gateway.URL, gateway.Key, 1)

	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	var group sync.WaitGroup
	group.Go(func() {
		if list, err := gateway.Admin.Requests(ctx, client.RequestQuery{}); err != nil || len(list.Data) != 1 || list.Data[0].ID != before.ID || list.Unstored != 1 {
			t.Errorf("the list: %+v, %v", list, err)
		}
	})
	group.Go(func() {
		if report, err := gateway.Admin.Usage(ctx, client.UsageQuery{By: []string{"team"}}); err != nil || report.Total.Requests != 1 || report.Unstored != 1 {
			t.Errorf("the report: %+v, %v", report, err)
		}
	})
	group.Go(func() {
		if x, err := gateway.Admin.Request(ctx, before.ID); err != nil || x.CostNanoUSD != answerCost {
			t.Errorf("the row: %+v, %v", x, err)
		}
	})
	group.Wait()
	unlock()
	gateway.Stop(t)
	if rows := stored(t, gateway.Dir); len(rows) != 2 {
		t.Errorf("%d rows once it could be written again", len(rows))
	}
}

// TestPromise6_ARevocationDoesNotWaitForTheDatabase: while another program
// hangs on the database, a revoked key opens nothing, at once, and whoever
// revoked it is told that this is not stored. Once it can be, a stop stores it.
func TestPromise6_ARevocationDoesNotWaitForTheDatabase(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	close(p.goOn)
	gateway := gatewaytest.Start(t, gatewaytest.Options{Upstream: p.URL})
	askMany(t, gateway.URL, gateway.Key, 1)
	gateway.WaitRows(t, 1)
	id, _ := tollgate.KeyIDOf(gateway.Key)
	unlock := lock(t, gateway.Dir)

	answered := make(chan struct{})
	go func() {
		defer close(answered)
		_, err := gateway.Admin.RevokeKey(t.Context(), id)
		if err == nil || !strings.Contains(err.Error(), "not stored") || !strings.Contains(err.Error(), "locked by another process") {
			t.Errorf("the administrator is told: %v", err)
		}
	}()
	for isOpen(t, gateway) {
		select {
		case <-answered:
			t.Fatal("the revocation was answered, and the key opens")
		default:
		}
	}
	await(t, answered, "the answer to the revocation")
	unlock()
	gateway.Stop(t)
	if keys := storedKeys(t, gateway.Dir); len(keys) != 1 || keys[0].RevokedAt.IsZero() {
		t.Errorf("after the stop the register has %+v", keys)
	}
}

// isOpen says whether the gateway's key opens it.
func isOpen(t *testing.T, gateway *gatewaytest.Gateway) bool {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, gateway.URL+"/v1/models", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-Api-Key", gateway.Key)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	return response.StatusCode != http.StatusUnauthorized
}

// storedKeys are the keys that a gateway left behind.
func storedKeys(t *testing.T, folder string) []tollgate.Key {
	t.Helper()
	kept, err := store.OpenReadOnly(t.Context(), filepath.Join(folder, store.File))
	if err != nil {
		t.Fatal(err)
	}
	defer kept.Close()
	keys, err := kept.Keys(t.Context(), tollgate.KeyFilter{})
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// TestPromise6_ARevocationThatIsNotStoredIsNotLostInAHandOver: it is stored
// before the successor reads the keys.
func TestPromise6_ARevocationThatIsNotStoredIsNotLostInAHandOver(t *testing.T) {
	t.Parallel()
	if !handover.Supported {
		t.Skip("processes of this system cannot hand over")
	}
	p := newProvider(t)
	close(p.goOn)
	var logs [2]bytes.Buffer // read after everything has stopped
	first, key, folder := startAlone(t, p.URL, &logs[0])
	id, _ := tollgate.KeyIDOf(key)
	unlock := lock(t, folder)
	if _, err := client.Socket(first.Socket).RevokeKey(t.Context(), id); err == nil {
		t.Fatal("it was stored in a locked database")
	}
	unlock()

	second := startWith(t, folder, p.URL, app.Options{Log: slog.New(slog.NewTextHandler(&logs[1], nil)), Takeover: true})
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, second.URL+"/v1/models", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-Api-Key", key)
	if status, _ := gatewaytest.Do(t, request); status != http.StatusUnauthorized {
		t.Errorf("the successor answers a revoked key with %d", status)
	}
	http.DefaultClient.CloseIdleConnections()
	for _, each := range []*app.App{first, second} {
		if err := each.Stop(t.Context()); err != nil {
			t.Error(err)
		}
	}
}
