package cred

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tollgate"
	"tollgate/internal/secret"
)

// clock is a time that only the test moves.
type clock struct{ nanos atomic.Int64 }

func newClock() *clock {
	c := &clock{}
	c.nanos.Store(time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC).UnixNano())
	return c
}
func (c *clock) now() time.Time          { return time.Unix(0, c.nanos.Load()) }
func (c *clock) forward(d time.Duration) { c.nanos.Add(int64(d)) }

type signer interface {
	Sign(context.Context, *http.Request, func() Sum, tollgate.Principal) error
}

func signed(t *testing.T, s signer, header string) string {
	t.Helper()
	r := httptest.NewRequest("POST", "/", nil)
	if err := s.Sign(t.Context(), r, nil, tollgate.Principal{}); err != nil {
		return "error: " + err.Error()
	}
	return r.Header.Get(header)
}

func TestStatic(t *testing.T) {
	if got := signed(t, APIKey(secret.New("k")), "x-api-key"); got != "k" {
		t.Error(got)
	}
	if got := signed(t, Bearer(secret.New("t")), "authorization"); got != "Bearer t" {
		t.Error(got)
	}
}

func TestFileIsReadAgainWhenItChanges(t *testing.T) {
	time0 := newClock()
	path := filepath.Join(t.TempDir(), "token")
	var logged strings.Builder
	file := BearerFile(path, time0.now, slog.New(slog.NewTextHandler(&logged, nil)))
	write := func(text string, stamp int) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		at := time.Unix(int64(stamp), 0)
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	expect := func(when, want string) {
		t.Helper()
		if got := signed(t, file, "authorization"); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %q, want %q", when, got, want)
		}
	}
	expect("no file yet", "error: ")
	write("first\n", 1)
	expect("first", "Bearer first")
	write("second", 2)
	expect("within the glance", "Bearer first")
	time0.forward(fileGlance)
	expect("after it", "Bearer second")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	time0.forward(fileGlance)
	expect("file gone", "Bearer second")
	time0.forward(fileGlance)
	expect("still gone", "Bearer second")
	write("  \n", 3)
	time0.forward(fileGlance)
	expect("file empty", "Bearer second")
	write("third", 4)
	time0.forward(fileGlance)
	expect("back", "Bearer third")
	if n := strings.Count(logged.String(), "level=ERROR"); n != 2 {
		t.Errorf("%d lines logged, want one an episode:\n%s", n, logged.String())
	}
}

// exchange is a provider that hands out tokens named t1, t2, …
type exchange struct {
	*httptest.Server
	count  atomic.Int64
	status atomic.Int64
	hold   chan struct{} // when not nil, an exchange waits for it
	last   atomic.Pointer[map[string]string]
}

func newExchange(t *testing.T, hold chan struct{}) *exchange {
	e := &exchange{hold: hold}
	e.status.Store(200)
	e.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := e.count.Add(1)
		var got map[string]string
		if err := json.NewDecoder(r.Body).Decode(&got); err != nil {
			t.Error(err)
		}
		e.last.Store(&got)
		if e.hold != nil {
			<-e.hold
		}
		w.WriteHeader(int(e.status.Load()))
		fmt.Fprintf(w, `{"access_token":"t%d","token_type":"Bearer","expires_in":3600}`, n)
	}))
	t.Cleanup(e.Close)
	return e
}

func newTestFederation(t *testing.T, e *exchange, time0 *clock) *Token {
	t.Helper()
	path := filepath.Join(t.TempDir(), "identity")
	if err := os.WriteFile(path, []byte("header.payload.signature\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return NewFederation(FederationConfig{
		TokenURL: e.URL + "/v1/oauth/token", Rule: "fdrl_1", Organization: "org", Workspace: "default", TokenFile: path,
	}, e.Client(), time0.now, slog.New(slog.DiscardHandler))
}

func TestFederationExchangesOnceForManyRequests(t *testing.T) {
	hold := make(chan struct{})
	e := newExchange(t, hold)
	f := newTestFederation(t, e, newClock())
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			if got := signed(t, f, "authorization"); got != "Bearer t1" {
				t.Error(got)
			}
		})
	}
	close(hold)
	group.Wait()
	// Those who came after the exchange had ended found its token.
	if n := e.count.Load(); n != 1 {
		t.Errorf("%d exchanges", n)
	}
	want := map[string]string{
		"grant_type": grantJWTBearer, "assertion": "header.payload.signature",
		"federation_rule_id": "fdrl_1", "organization_id": "org", "workspace_id": "default",
	}
	if got := *e.last.Load(); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("sent %v, want %v", got, want)
	}
}

func TestFederationRenewsEarlyBesideTheTraffic(t *testing.T) {
	hold := make(chan struct{}, 10)
	e, time0 := newExchange(t, hold), newClock()
	f := newTestFederation(t, e, time0)
	hold <- struct{}{}
	signed(t, f, "authorization")

	time0.forward(50 * time.Minute) // past three quarters, not yet dead
	if got := signed(t, f, "authorization"); got != "Bearer t1" {
		t.Errorf("a request waited for the renewal: %s", got)
	}
	hold <- struct{}{}
	waitFor(t, func() bool { return signed(t, f, "authorization") == "Bearer t2" })
}

func TestFederationFailing(t *testing.T) {
	e, time0 := newExchange(t, nil), newClock()
	f := newTestFederation(t, e, time0)
	e.status.Store(401)
	got := signed(t, f, "authorization")
	if !strings.Contains(got, "status 401") || strings.Contains(got, "payload") {
		t.Errorf("%q", got)
	}
	e.status.Store(200)
	if got := signed(t, f, "authorization"); got != "Bearer t2" {
		t.Errorf("no second try: %q", got)
	}
	e.status.Store(500)
	time0.forward(50 * time.Minute)
	waitFor(t, func() bool { signed(t, f, "authorization"); return e.count.Load() >= 3 })
	if got := signed(t, f, "authorization"); got != "Bearer t2" {
		t.Errorf("a failed renewal took the good token away: %q", got)
	}
	time0.forward(time.Hour)
	if got := signed(t, f, "authorization"); !strings.Contains(got, "status 500") {
		t.Errorf("a dead token was sent: %q", got)
	}
}

func TestFederationHangUpEndsTheWait(t *testing.T) {
	hold := make(chan struct{})
	defer close(hold)
	f := newTestFederation(t, newExchange(t, hold), newClock())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := f.Sign(ctx, httptest.NewRequest("POST", "/", nil), nil, tollgate.Principal{}); err != context.Canceled {
		t.Error(err)
	}
}

// waitFor gives other goroutines their turn until the condition holds.
func waitFor(t *testing.T, condition func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for !condition() {
		select {
		case <-ctx.Done():
			t.Fatal("it never came")
		case <-time.After(time.Millisecond):
		}
	}
}
