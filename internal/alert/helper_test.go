package alert

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"tollgate"
	"tollgate/internal/store"
)

// canary is every secret of these tests.
const canary = "canary-0123456789abcdef"

// start is when everything in these tests begins: a Monday.
var start = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// example is an alert with everything in it.
func example() *tollgate.Alert {
	return &tollgate.Alert{
		Budget: "bgt_1", Start: start, Threshold: 80, Sink: "hook", Raised: start.Add(time.Hour),
		Text: tollgate.AlertText{
			Scope: tollgate.Scope{Kind: tollgate.ScopeTeam, Name: "core"}, Period: tollgate.PeriodMonth,
			Limit: 500 * tollgate.Dollar, Spent: 402_103_881_000, Reset: time.Date(2026, 11, 30, 23, 0, 0, 0, time.UTC),
		},
	}
}

func berlin(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// state is where the budget of team core stands.
func state(dollars float64) tollgate.BudgetState {
	budget := &tollgate.Budget{ID: "bgt_1", Scope: tollgate.Scope{Kind: tollgate.ScopeTeam, Name: "core"}, Period: tollgate.PeriodWeek}
	return tollgate.BudgetState{
		Budget: budget, Start: start, Reset: start.AddDate(0, 0, 7), Limit: 100 * tollgate.Dollar,
		Spent: tollgate.Money(dollars * float64(tollgate.Dollar)), Held: 1000 * tollgate.Dollar,
	}
}

// board is where all budgets stand, as a test says.
type board struct {
	mu     sync.Mutex
	states []tollgate.BudgetState
}

func (b *board) set(states ...tollgate.BudgetState) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.states = states
}

func (b *board) all() []tollgate.BudgetState {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.states
}

// journal is a log that can be read while it is written.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

func (j *journal) count(part string) int { return strings.Count(j.String(), part) }

// tally counts outcomes by sink.
type tally struct {
	mu     sync.Mutex
	more   sync.Cond
	counts map[string]int
}

func newTally() *tally {
	c := &tally{counts: map[string]int{}}
	c.more.L = &c.mu
	return c
}

func (c *tally) add(sink string, outcome Outcome) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.counts[sink+" "+string(outcome)]++
	c.more.Broadcast()
}

func (c *tally) of(sink string, outcome Outcome) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.counts[sink+" "+string(outcome)]
}

// wait returns when each of the sinks has had the outcome.
func (c *tally) wait(outcome Outcome, sinks ...string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, sink := range sinks {
		for c.counts[sink+" "+string(outcome)] == 0 {
			c.more.Wait()
		}
	}
}

// bench is what a sender of these tests works with.
type bench struct {
	board board
	log   journal
	tally *tally
}

func newBench() *bench { return &bench{tally: newTally()} }

func (b *bench) options(outbox Outbox, roots *x509.CertPool) Options {
	return Options{
		Outbox: outbox, States: b.board.all, Zone: time.UTC, Now: time.Now, Count: b.tally.add, Roots: roots,
		Log: slog.New(slog.NewTextHandler(&b.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
}

// begin runs a sender until end is called, or the test ends.
func begin(t testing.TB, s *Sender) (end func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var group sync.WaitGroup
	group.Go(func() { s.Run(ctx) })
	end = sync.OnceFunc(func() { cancel(); group.Wait() })
	t.Cleanup(end)
	return end
}

// openAt opens the database in a folder, as a process does; shut closes it.
func openAt(t testing.TB, folder string) (db *store.Store, shut func()) {
	t.Helper()
	db, err := store.Open(context.Background(), filepath.Join(folder, store.File))
	if err != nil {
		t.Fatal(err)
	}
	shut = sync.OnceFunc(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(shut)
	return db, shut
}

// trusted is a server with a certificate of its own, whom roots trust.
func trusted(t testing.TB, handler http.HandlerFunc) (server *httptest.Server, roots *x509.CertPool) {
	t.Helper()
	own, roots := certificate(t)
	server = httptest.NewUnstartedServer(handler)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{own}}
	server.StartTLS()
	t.Cleanup(server.Close)
	return server, roots
}

// certificate is a fresh one for 127.0.0.1, and roots that trust it.
func certificate(t testing.TB) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, roots
}

// receive waits for something that is to come.
func receive[T any](t testing.TB, from <-chan T, what string) (got T) {
	t.Helper()
	select {
	case got = <-from:
	case <-time.After(time.Minute):
		t.Fatalf("%s does not come", what)
	}
	return got
}
