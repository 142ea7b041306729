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
		_, err = connection.ExecContext(t.Context(), "BEGIN EXCLUSIVE")
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

// backlog is how many rows wait for storage before Record waits too.
const backlog = 8192

// TestPromise7_StopWithALedgerThatCannotBeWritten: the backlog is full, a
// request waits for room in it, and the stop ends all the same. What is lost is
// told: by number in the error, and by name where there was not even room.
func TestPromise7_StopWithALedgerThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	close(p.goOn)
	var log bytes.Buffer // read after everything has stopped
	gateway, key, folder := startAlone(t, p.URL, &log)
	gateway.SetStoreBound(10 * time.Millisecond)
	askMany(t, gateway.URL, key, 1) // a row that is stored: the connection's statement exists
	if rows, err := gateway.Requests(t.Context(), tollgate.RequestQuery{Limit: 1}); err != nil || len(rows) != 1 {
		t.Fatal(rows, err)
	}
	lock(t, folder)
	full := make(chan struct{})
	go func() {
		defer close(full)
		for i := range backlog {
			gateway.Record(&tollgate.Exchange{ID: fmt.Sprint("req_", i)})
		}
	}()
	await(t, full, "the backlog to fill")
	waiting := askUnanswered(t, gateway, key)

	over, cancel := context.WithCancel(context.Background())
	cancel()
	stopped := make(chan error, 1)
	go func() { stopped <- gateway.Stop(over) }()
	select {
	case err := <-stopped:
		if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("%d requests are not stored", backlog)) {
			t.Errorf("the stop says: %v", err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("it does not stop")
	}
	if _, err := io.ReadAll(waiting); err == nil {
		t.Error("the answer of a request without a row ended well")
	}
	if n := strings.Count(log.String(), "has no row\" request=req_"); n != 1 {
		t.Errorf("%d requests without a row are named:\n%s", n, log.String())
	}
}

// startAlone is a gateway whose stop may fail.
func startAlone(t *testing.T, upstream string, log io.Writer) (gateway *app.App, key, folder string) {
	t.Helper()
	folder, err := os.MkdirTemp("", "tg") // short enough for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	c := settings(t, fmt.Sprintf("data_dir: %q\nlisten: {address: \"127.0.0.1:0\"}\nupstreams: [{name: provider, provider: anthropic, base_url: %q, api_key: k}]\n", folder, upstream))
	gateway, err = app.Start(t.Context(), c, app.Options{Log: slog.New(slog.NewTextHandler(log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	created, err := client.Socket(gateway.Socket).CreateKey(t.Context(), api.NewKey{Service: "ci"})
	if err != nil {
		t.Fatal(err)
	}
	return gateway, created.Key, folder
}

// askUnanswered asks for a stream and reads all of it but its end, which comes
// only once the request is recorded.
func askUnanswered(t *testing.T, gateway *app.App, key string) io.Reader {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, gateway.URL+"/v1/messages", strings.NewReader(askStream))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-Api-Key", key)
	request.Header.Set("X-Wait", "stream")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { response.Body.Close() })
	if _, err := io.ReadFull(response.Body, make([]byte, len(eventStart+eventEnd))); err != nil {
		t.Fatal(err)
	}
	return response.Body
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
