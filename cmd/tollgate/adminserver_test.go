package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"time"

	"tollgate"
	"tollgate/internal/admin"
	"tollgate/internal/app"
	"tollgate/internal/audit"
	"tollgate/internal/audit/body"
	"tollgate/internal/check"
	"tollgate/internal/identity"
	"tollgate/internal/journal"
	"tollgate/internal/secret"
	"tollgate/internal/store"
)

// adminServer is the part of a gateway that commands talk to, without the data
// plane.
type adminServer struct {
	store    *store.Store
	rules    *serverRules
	fleet    serverFleet
	unstored int64 // requests that it says are not in its ledger yet
	notary   *audit.Notary
	socket   *http.Server
	network  *httptest.Server
}

// serverLedger is the server's store, with what is not in it.
type serverLedger struct {
	*store.Store
	unstored int64
	journal  string
}

func (l serverLedger) Check(ctx context.Context) (tollgate.LedgerCheck, error) {
	return (&check.Ledger{Store: l.Store, Journal: l.journal}).Check(ctx)
}

func (l serverLedger) CatchUp(context.Context) int64 { return l.unstored }

// start serves the data folder.
func (s *adminServer) start(folder string) (err error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	if s.store, err = store.Open(context.Background(), filepath.Join(folder, store.File)); err != nil {
		return err
	}
	evidence, err := s.record(folder)
	if err != nil {
		return err
	}
	listener, err := net.Listen("unix", filepath.Join(folder, admin.SocketFile))
	if err != nil {
		return err
	}
	keys := []admin.Key{
		{Name: "writer", Key: secret.New("write-0123456789abcdef"), Role: admin.Write},
		{Name: "reader", Key: secret.New("read-0123456789abcdef"), Role: admin.Read},
	}
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		return err
	}
	if err := s.store.SetTimeZone(context.Background(), berlin.String()); err != nil { // as the gateway does
		return err
	}
	s.rules = newServerRules(s.store, berlin)
	log := slog.New(slog.DiscardHandler)
	service := admin.NewService(s.store, serverLedger{s.store, s.unstored, filepath.Join(folder, journal.Name)}, identity.New([]byte("pepper"), time.Now), s.rules, berlin, time.Now, log).WithFleet(&s.fleet).WithBodies(serverBodies{s.store, filepath.Join(folder, body.Folder)}).WithEvidence(evidence)
	s.socket = &http.Server{Handler: admin.Handler(service, admin.Socket(), "test", log)}
	s.network = httptest.NewServer(admin.Handler(service, admin.Network(keys), "test", log))
	go func() { _ = s.socket.Serve(listener) }()
	return nil
}

// record begins the audit log, or goes on with it under another key.
func (s *adminServer) record(folder string) (evidence app.Evidence, err error) {
	private, public, err := audit.GenerateKey("tollgate-test")
	if err != nil {
		return evidence, err
	}
	if s.notary, err = audit.NewNotary(private); err != nil {
		return evidence, err
	}
	path := filepath.Join(folder, "audit")
	if err := errors.Join(os.MkdirAll(path, 0o700), os.WriteFile(filepath.Join(path, "verify.key"), []byte(public+"\n"), 0o600)); err != nil {
		return evidence, err
	}
	if err := s.store.BeginChain(context.Background(), audit.Scribe{}, time.Now()); err != nil {
		return evidence, err
	}
	return app.OpenEvidence(s.store, folder)
}

// stop ends what start began. It may be called again.
func (s *adminServer) stop() error {
	if s.socket == nil {
		return nil
	}
	s.network.Close()
	return errors.Join(s.socket.Close(), s.store.Close())
}
