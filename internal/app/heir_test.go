//go:build unix

package app_test

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"tollgate"
	"tollgate/api"
	"tollgate/client"
	"tollgate/internal/app"
	"tollgate/internal/gatewaytest"
	"tollgate/internal/handover"
	"tollgate/internal/journal"
	"tollgate/internal/store"
)

// slowDisk is one on which a write takes until it is let go.
type slowDisk struct {
	journal.LocalDisk
	writes chan struct{} // one for every write that begins
	goOn   chan struct{}
}

func (d slowDisk) Create(path string) (journal.File, error) {
	f, err := d.LocalDisk.Create(path)
	return slowFile{f, d}, err
}

type slowFile struct {
	journal.File
	disk slowDisk
}

func (f slowFile) Write(p []byte) (int, error) {
	f.disk.writes <- struct{}{}
	<-f.disk.goOn
	return f.File.Write(p)
}

// keyOf is a new key of a gateway's.
func keyOf(t *testing.T, gateway *app.App) string {
	t.Helper()
	created, err := client.Socket(gateway.Socket).CreateKey(t.Context(), api.NewKey{Service: "ci"})
	if err != nil {
		t.Fatal(err)
	}
	return created.Key
}

// askFor asks with a key and returns the status, or 0.
func askFor(t *testing.T, url, key string) int {
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/v1/messages", strings.NewReader(askWhole))
	if err != nil {
		return 0
	}
	request.Header.Set("X-Api-Key", key)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, response.Body)
	return response.StatusCode
}

// admittedIn is how many requests the journals in a data folder know, as a
// successor sees them that has just been given everything.
func admittedIn(t *testing.T, folder string) int {
	t.Helper()
	ids := map[string]bool{}
	survey, err := journal.Inspect(filepath.Join(folder, journal.Name))
	if err == nil {
		_, err = survey.Read(func(p journal.Passage) error { ids[p.Request.ID] = true; return nil })
	}
	if err != nil {
		t.Error(err)
	}
	return len(ids)
}

// TestPromise4_ASuccessorSeesWhatWasAdmitted: a request that its predecessor has
// let in, and that is still on its way into the journal, is there before the
// successor is given anything.
func TestPromise4_ASuccessorSeesWhatWasAdmitted(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	close(p.goOn)
	folder, disk := shortFolder(t), slowDisk{writes: make(chan struct{}, 100), goOn: make(chan struct{})}
	gateway := startWith(t, folder, p.URL, app.Options{Log: discard()}.On(disk))
	key := keyOf(t, gateway)
	answered := make(chan int)
	go func() { answered <- askFor(t, gateway.URL, key) }()
	<-disk.writes

	claim, err := handover.Ask(t.Context(), filepath.Join(folder, "handover.sock"), true)
	if err != nil {
		t.Fatal(err)
	}
	seen := make(chan int, 1)
	go func() {
		given, err := claim.Take(t.Context())
		if err != nil {
			t.Error(err)
		}
		seen <- admittedIn(t, folder)
		for _, each := range given {
			each.Close()
		}
	}()
	for !waitsForThoseWithin() && len(seen) == 0 {
		runtime.Gosched()
	}
	close(disk.goOn)
	if n := <-seen; n != 1 {
		t.Errorf("the successor sees %d requests", n)
	}
	if status := <-answered; status != http.StatusOK {
		t.Errorf("the request is answered with %d", status)
	}
	if err := claim.Close(); err != nil {
		t.Error(err)
	}
	http.DefaultClient.CloseIdleConnections()
	if err := gateway.Stop(t.Context()); err != nil {
		t.Error(err)
	}
}

// waitsForThoseWithin says whether somebody shuts a turnstile just now.
func waitsForThoseWithin() bool {
	stacks := make([]byte, 4<<20)
	return bytes.Contains(stacks[:runtime.Stack(stacks, true)], []byte("(*turnstile).shut("))
}

// TestPromise4_ASuccessorThatDiesBeforeItServes: meanwhile nobody is admitted;
// then those who have waited are, by the process before. What the successor has
// changed is in force.
func TestPromise4_ASuccessorThatDiesBeforeItServes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*tollgate.Key) error
		status int
	}{
		"and changes nothing":  {func(*tollgate.Key) error { return nil }, http.StatusOK},
		"and has revoked keys": {func(k *tollgate.Key) error { k.RevokedAt = time.Now(); return nil }, http.StatusUnauthorized},
	} {
		t.Run(name, func(t *testing.T) {
			p := newProvider(t)
			gateway := gatewaytest.Start(t, gatewaytest.Options{Upstream: p.URL})
			claim, err := handover.Ask(t.Context(), filepath.Join(gateway.Dir, "handover.sock"), true)
			if err != nil {
				t.Fatal(err)
			}
			given, err := claim.Take(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, each := range given {
				each.Close()
			}
			answered := make(chan int)
			go func() { answered <- askFor(t, gateway.URL, gateway.Key) }()
			for !gateway.App().Busy() {
				runtime.Gosched()
			}
			changeKey(t, gateway, c.change)
			select {
			case status := <-answered:
				t.Fatalf("while another process may be serving, this one answers %d", status)
			default:
			}
			if err := claim.Close(); err != nil {
				t.Error(err)
			}
			if status := <-answered; status != c.status {
				t.Errorf("%d", status)
			}
		})
	}
}

// changeKey changes a gateway's key behind its back, as a successor does.
func changeKey(t *testing.T, gateway *gatewaytest.Gateway, change func(*tollgate.Key) error) {
	t.Helper()
	kept, err := store.Open(t.Context(), filepath.Join(gateway.Dir, store.File))
	if err != nil {
		t.Fatal(err)
	}
	defer kept.Close()
	id, _ := tollgate.KeyIDOf(gateway.Key)
	if _, err := kept.UpdateKey(t.Context(), id, change); err != nil {
		t.Error(err)
	}
}

// TestPromise7_EveryProtocolIsPassedOn: whatever a client speaks with the first
// process, TLS included, its next request is answered by the second one, which
// keeps the only row.
func TestPromise7_EveryProtocolIsPassedOn(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	cert, key := filepath.Join(folder, "tls.crt"), filepath.Join(folder, "tls.key")
	pool := gatewaytest.WriteCertificate(t, cert, key, "gateway")
	secure := fmt.Sprintf("listen: {address: \"127.0.0.1:0\", tls: {cert: %q, key: %q}}\n", cert, key)
	for _, c := range []struct {
		name, config, proto string
		set                 func(*http.Protocols)
	}{
		{"in the clear", "", "HTTP/1.1", func(p *http.Protocols) { p.SetHTTP1(true) }},
		{"h2c", "", "HTTP/2.0", func(p *http.Protocols) { p.SetUnencryptedHTTP2(true) }},
		{"https", secure, "HTTP/1.1", func(p *http.Protocols) { p.SetHTTP1(true) }},
		{"h2", secure, "HTTP/2.0", func(p *http.Protocols) { p.SetHTTP2(true) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newProvider(t)
			gateway := gatewaytest.Start(t, gatewaytest.Options{Upstream: p.URL, Config: c.config})
			transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, Protocols: new(http.Protocols)}
			c.set(transport.Protocols)
			defer transport.CloseIdleConnections()
			ask := func() (proto, text string) {
				response, err := (&http.Client{Transport: transport}).Do(gateway.Request(t, "/v1/messages", askWhole))
				if err != nil {
					t.Fatal(err)
				}
				defer response.Body.Close()
				body, err := io.ReadAll(response.Body)
				if err != nil {
					t.Error(err)
				}
				return response.Proto, string(body)
			}
			ask()
			gateway.WaitRows(t, 1)
			next := successor(t, gateway, p.URL)
			if proto, text := ask(); proto != c.proto || text != answer {
				t.Errorf("%s %s", proto, text)
			}
			if rows, err := next.Requests(t.Context(), tollgate.RequestQuery{Limit: 10}); len(rows) != 2 || err != nil {
				t.Errorf("%d rows, %v", len(rows), err)
			}
			if n := strings.Count(gateway.Log(), "msg=request "); n != 1 {
				t.Errorf("the first process has logged %d requests", n)
			}
		})
	}
}

// TestPromise6_AKeyOfAfterAHandOver is known, and one that was revoked is not,
// from the answer to whoever changed it: on connections of before, too.
func TestPromise6_AKeyOfAfterAHandOver(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	gateway := gatewaytest.Start(t, gatewaytest.Options{Upstream: p.URL})
	address := strings.TrimPrefix(gateway.URL, "http://")
	old := dial(t, "tcp", address)
	askOn(t, old, gateway.Request(t, "/v1/messages", askWhole))
	other := dial(t, "tcp", address)
	askOn(t, other, gateway.Request(t, "/v1/messages", askWhole))
	next := successor(t, gateway, p.URL)
	fresh := keyOf(t, next)
	request := gateway.Request(t, "/v1/messages", askWhole)
	request.Header.Set("X-Api-Key", fresh)
	if response, text := askOn(t, old, request); response.StatusCode != http.StatusOK {
		t.Errorf("a new key: %s %s", response.Status, text)
	}
	id, _ := tollgate.KeyIDOf(fresh)
	if _, err := client.Socket(next.Socket).RevokeKey(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	request = gateway.Request(t, "/v1/models", "")
	request.Method = http.MethodGet
	request.Header.Set("X-Api-Key", fresh)
	if response, text := askOn(t, other, request); response.StatusCode != http.StatusUnauthorized {
		t.Errorf("a revoked key: %s %s", response.Status, text)
	}
}

// TestTheSocketForHeirs is for this user alone, and goes with the process.
func TestTheSocketForHeirs(t *testing.T) {
	t.Parallel()
	gateway := gatewaytest.Start(t, gatewaytest.Options{Config: nowhere})
	path := filepath.Join(gateway.Dir, "heir.sock")
	info, err := os.Stat(path)
	if err != nil || info.Mode() != os.ModeSocket|0o600 {
		t.Fatal(info.Mode(), err)
	}
	gateway.Stop(t)
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("after the stop: %v", err)
	}
}
