package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"tollgate"
	"tollgate/client"
	"tollgate/internal/admin"
	"tollgate/internal/app"
	"tollgate/internal/check"
	"tollgate/internal/journal"
	"tollgate/internal/store"
)

// ledgerClient asks for rows and reports, of a gateway that runs or of the
// data folder that a stopped one left.
type ledgerClient struct {
	*client.Client
	io.Closer
	stopped bool
}

// openLedger finds the running gateway, else its data folder.
func (f *adminFlags) openLedger(cmd *cobra.Command) (ledgerClient, error) {
	if f.address() != "" {
		gateway, err := f.connect()
		return ledgerClient{Client: gateway, Closer: io.NopCloser(nil)}, err
	}
	err := knock(f.socket())
	if err == nil {
		return ledgerClient{Client: client.Socket(f.socket()), Closer: io.NopCloser(nil)}, nil
	}
	database := filepath.Join(f.folder(), store.File)
	if !isNobodyThere(err) || !exists(database) {
		return ledgerClient{}, f.explain(err)
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "No gateway is running; reading %s.\n", database)
	log := slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), nil))
	return openStopped(cmd.Context(), f.folder(), log)
}

// openStopped serves the API's own handler from the database, so that a
// stopped gateway answers exactly like a running one. Nobody may write.
func openStopped(ctx context.Context, folder string, log *slog.Logger) (ledgerClient, error) {
	database := filepath.Join(folder, store.File)
	kept, err := store.OpenReadOnly(ctx, database)
	if err != nil {
		return ledgerClient{}, err
	}
	zone, err := zoneOf(ctx, kept)
	if err != nil {
		return ledgerClient{}, errors.Join(err, kept.Close())
	}
	ledger := stoppedLedger{kept, &check.Ledger{Store: kept, Journal: filepath.Join(folder, journal.Name)}, log}
	service := admin.NewService(kept, ledger, noKeyring{}, noRules{}, zone, time.Now, log)
	reader := func(*http.Request) (admin.Caller, error) {
		return admin.Caller{Name: "data folder", Role: admin.Read}, nil
	}
	if evidence, err := app.OpenEvidence(kept, folder); err == nil { // without, there is no audit log to ask about
		service.WithEvidence(evidence)
	}
	handler := admin.Handler(service, reader, "", log) // no version: nothing runs
	return ledgerClient{client.Through(inProcess{handler}), kept, true}, nil
}

// zoneOf is the time zone in which the gateway made its reports, UTC if none
// was ever noted.
func zoneOf(ctx context.Context, kept *store.Store) (*time.Location, error) {
	name, err := kept.TimeZone(ctx)
	if err != nil {
		return nil, err
	}
	return time.LoadLocation(name) // of the empty name it is UTC
}

// isNobodyThere tells a gateway that is stopped from one that may not be asked.
func isNobodyThere(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// warnUnstored says that what is shown is not all there is.
func (l ledgerClient) warnUnstored(cmd *cobra.Command, requests int64) {
	if requests == 0 {
		return
	}
	when := "when the gateway's database takes rows again"
	if l.stopped {
		when = "with the gateway's next start"
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "Requests that are not in the ledger yet, and so not in this answer: %d. They come into it %s.\n", requests, when)
}

// stoppedLedger is the ledger of a gateway that is stopped. What a killed one
// left in the journal waits for the next.
type stoppedLedger struct {
	*store.Store
	checked *check.Ledger
	log     *slog.Logger
}

// Check compares the ledger with everything that has to agree with it.
func (l stoppedLedger) Check(ctx context.Context) (tollgate.LedgerCheck, error) {
	return l.checked.Check(ctx)
}

// CatchUp cannot store anything; it counts what is not stored.
func (l stoppedLedger) CatchUp(ctx context.Context) int64 {
	waiting, err := l.checked.Waiting(ctx)
	if err != nil {
		l.log.Warn("the journal cannot be read, so requests may be missing in this answer", "error", err)
	}
	return waiting
}

// noKeyring is the data plane of a gateway that is stopped: it knows no key,
// and a caller who may only read never changes one.
type noKeyring struct{}

func (noKeyring) Hash(string) []byte        { return nil }
func (noKeyring) Put(tollgate.Key)          {}
func (noKeyring) LastUsed(string) time.Time { return time.Time{} }
func (noKeyring) Revoke(func(tollgate.Key) bool, time.Time) []tollgate.Key {
	return nil
}

// inProcess is a transport that leads to a handler, without a connection.
type inProcess struct{ handler http.Handler }

func (p inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body == nil {
		r = r.Clone(r.Context())
		r.Body = http.NoBody
	}
	answer := &recorder{header: http.Header{}, status: http.StatusOK}
	p.handler.ServeHTTP(answer, r)
	return &http.Response{
		StatusCode: answer.status, Header: answer.header, Body: io.NopCloser(&answer.body),
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, ContentLength: int64(answer.body.Len()), Request: r,
	}, nil
}

// recorder keeps an answer.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header         { return r.header }
func (r *recorder) WriteHeader(status int)      { r.status = status }
func (r *recorder) Write(p []byte) (int, error) { return r.body.Write(p) }
