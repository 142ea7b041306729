// Package gatewaytest runs a whole gateway inside a test: real listeners, a
// real database in a temporary folder, a real key. Nothing in it is a stand-in.
package gatewaytest

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"tollgate"
	"tollgate/api"
	"tollgate/client"
	"tollgate/internal/app"
	"tollgate/internal/config"
)

// ProviderKey is the credential that the gateway of a test sends upstream.
const ProviderKey = "sk-ant-canary-provider-credential-0123456789"

// Options say how the gateway of a test differs from the default one.
type Options struct {
	// Upstream is the provider's address, put into the default upstream,
	// whose name is "provider" and whose key is ProviderKey.
	Upstream string
	// Config is more YAML, added to what the test's gateway is told anyway:
	// listen, data_dir and, when Upstream is set, upstreams.
	Config string
	// Models are the globs of Key; none: every routed model.
	Models []string
}

// Gateway is a running gateway.
type Gateway struct {
	URL   string         // of the data plane
	Key   string         // of ann@example.com in team core
	Admin *client.Client // of the admin API, on its socket
	Dir   string         // the data folder

	app *app.App
	log *lockedBuffer

	stopping sync.Once
}

// Start runs a gateway until the test ends.
func Start(t testing.TB, options Options) *Gateway {
	t.Helper()
	g := &Gateway{Dir: filepath.Join(shortTempDir(t), "data"), log: &lockedBuffer{}}
	g.open(t, options)
	t.Cleanup(func() { g.stop(t) })
	g.Key = g.newKey(t, options.Models)
	return g
}

// Restart stops the gateway and runs another one on its data folder.
func (g *Gateway) Restart(t testing.TB, options Options) {
	t.Helper()
	g.stop(t)
	g.stopping = sync.Once{}
	g.open(t, options)
}

func (g *Gateway) open(t testing.TB, options Options) {
	t.Helper()
	settings, err := config.Parse("the test's configuration", []byte(g.yaml(options)), config.Lookup{Env: os.LookupEnv, File: os.ReadFile})
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(g.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	if g.app, err = app.Start(t.Context(), settings, app.Options{Version: "test", Log: log}); err != nil {
		t.Fatal(err)
	}
	g.URL, g.Admin = g.app.URL, client.Socket(g.app.Socket)
}

func (g *Gateway) yaml(options Options) string {
	text := fmt.Sprintf("data_dir: %q\n", g.Dir)
	if !bytes.Contains([]byte(options.Config), []byte("listen:")) {
		text += "listen: {address: \"127.0.0.1:0\"}\n"
	}
	if options.Upstream != "" {
		text += fmt.Sprintf("upstreams: [{name: provider, provider: anthropic, base_url: %q, api_key: %s}]\n", options.Upstream, ProviderKey)
	}
	return text + options.Config
}

func (g *Gateway) newKey(t testing.TB, models []string) string {
	t.Helper()
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err := g.Admin.CreateTeam(t.Context(), api.NewTeam{Name: "core"})
	must(err)
	_, err = g.Admin.CreateDeveloper(t.Context(), api.NewDeveloper{Email: "ann@example.com", Team: "core"})
	must(err)
	key, err := g.Admin.CreateKey(t.Context(), api.NewKey{Developer: "ann@example.com", Models: models})
	must(err)
	return key.Key
}

// Rows is the whole ledger, oldest first, everything recorded so far included.
func (g *Gateway) Rows(t testing.TB) []*tollgate.Exchange {
	t.Helper()
	rows, err := g.app.Requests(t.Context(), tollgate.RequestQuery{Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(rows)
	return rows
}

// WaitRows returns the ledger once it has n rows: an exchange is recorded
// after its client has been answered.
func (g *Gateway) WaitRows(t testing.TB, n int) []*tollgate.Exchange {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; {
		rows := g.Rows(t)
		if len(rows) >= n || time.Now().After(deadline) {
			if len(rows) != n {
				log := g.Log()
				t.Fatalf("the ledger has %d rows, want %d; the log ends:\n%s", len(rows), n, log[max(0, len(log)-8<<10):])
			}
			return rows
		}
	}
}

// Reload puts another configuration in force. Config is as in Options.
func (g *Gateway) Reload(t testing.TB, options Options) error {
	t.Helper()
	settings, err := config.Parse("the test's configuration", []byte(g.yaml(options)), config.Lookup{Env: os.LookupEnv, File: os.ReadFile})
	if err != nil {
		return err
	}
	return g.app.Reload(settings)
}

// Log is everything the gateway has logged, at every level.
func (g *Gateway) Log() string { return g.log.String() }

func (g *Gateway) stop(t testing.TB) {
	g.stopping.Do(func() {
		// A connection that a client has opened and not used would be waited for.
		http.DefaultClient.CloseIdleConnections()
		// t.Context may have ended by now. Clients that still hang on are cut.
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := g.app.Stop(ctx); err != nil {
			t.Error(err)
		}
		g.holdsNothing(t)
		IsWhole(t, g.Dir)
	})
}

// holdsNothing fails the test if what its requests took has not been given
// back. The transport closes the body of an attempt that was given up when it
// gets to it.
func (g *Gateway) holdsNothing(t testing.TB) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; {
		load := g.app.Load()
		if load.BodyBytes.Held == 0 && load.Requests.Held == 0 && load.Connections.Held == 0 && load.TurnedAway == 0 && load.Lingering.Held == 0 && g.app.Holds() == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Errorf("the gateway has stopped and holds %+v, and money for %d requests", load, g.app.Holds())
			return
		}
	}
}

// shortTempDir is a temporary folder whose path leaves room for a socket's
// name, which t.TempDir's of a long test name does not.
func shortTempDir(t testing.TB) string {
	t.Helper()
	folder, err := os.MkdirTemp("", "tg")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(folder); err != nil {
			t.Error(err)
		}
	})
	return folder
}

// lockedBuffer is a log that may be read while it is written.
type lockedBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// AdminURL is the admin API over the network, if Config gives it an address.
func (g *Gateway) AdminURL() string { return g.app.AdminURL }

// Stop stops the gateway before the test ends. Answers under way are cut after
// five seconds.
func (g *Gateway) Stop(t testing.TB) {
	t.Helper()
	g.stop(t)
}

// App is the gateway itself, for tests of its life.
func (g *Gateway) App() *app.App { return g.app }
