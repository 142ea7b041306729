//go:build unix

package app_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gofrs/flock"

	"tollgate/api"
	"tollgate/client"
	"tollgate/internal/app"
	"tollgate/internal/gatewaytest"
	"tollgate/internal/handover"
)

// successor takes over from a gateway, in the same process.
func successor(t *testing.T, gateway *gatewaytest.Gateway, upstream string) *app.App {
	t.Helper()
	text := fmt.Sprintf("data_dir: %q\nlisten: {address: \"127.0.0.1:0\"}\nupstreams: [{name: provider, provider: anthropic, base_url: %q, api_key: k}]\n", gateway.Dir, upstream)
	next, err := app.Start(t.Context(), settings(t, text), app.Options{Log: discard(), Takeover: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := next.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
	await(t, gateway.App().Passed(), "the end of the hand-over")
	return next
}

// askOn sends a request on a connection that is open and reads the answer.
func askOn(t *testing.T, connection net.Conn, request *http.Request) (*http.Response, string) {
	t.Helper()
	if err := request.Write(connection); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(connection), request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(text)
}

func dial(t *testing.T, network, address string) net.Conn {
	t.Helper()
	connection, err := net.Dial(network, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { connection.Close() })
	return connection
}

// TestPromise7_AKeyRevokedAfterAHandOver is closed in the process that serves
// its last connections, too. What it is asked about itself, it answers for the
// gateway: it is ready, and alive.
func TestPromise7_AKeyRevokedAfterAHandOver(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	gateway := gatewaytest.Start(t, gatewaytest.Options{Upstream: p.URL})
	address := strings.TrimPrefix(gateway.URL, "http://")
	var open []net.Conn
	for range 4 {
		connection := dial(t, "tcp", address)
		if response, text := askOn(t, connection, gateway.Request(t, "/v1/messages", askWhole)); response.StatusCode != http.StatusOK {
			t.Fatal(text)
		}
		open = append(open, connection)
	}
	next := successor(t, gateway, p.URL)
	if next.URL != gateway.URL {
		t.Fatalf("the successor is at %s, not at %s", next.URL, gateway.URL)
	}
	for i, path := range []string{"/readyz", "/healthz"} {
		request, err := http.NewRequest(http.MethodGet, gateway.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if response, _ := askOn(t, open[i], request); response.StatusCode != http.StatusOK || !response.Close {
			t.Errorf("%s: %s, the last on its connection: %v", path, response.Status, response.Close)
		}
	}
	if response, text := askOn(t, open[2], gateway.Request(t, "/v1/messages", askWhole)); response.StatusCode != http.StatusOK || !response.Close {
		t.Errorf("a request after the hand-over: %s %s, the last on its connection: %v", response.Status, text, response.Close)
	}
	id := strings.Split(gateway.Key, "_")[1]
	if _, err := client.Socket(next.Socket).RevokeKey(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if response, text := askOn(t, open[3], gateway.Request(t, "/v1/messages", askWhole)); response.StatusCode != http.StatusUnauthorized {
		t.Errorf("a revoked key: %s %s", response.Status, text)
	}
}

// TestAnAdministratorsOldConnection: the process that has handed over still
// answers questions on it, and changes nothing, since nobody would know.
func TestAnAdministratorsOldConnection(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	gateway := gatewaytest.Start(t, gatewaytest.Options{Upstream: p.URL})
	var open []net.Conn
	request := func(method string) *http.Request {
		request, err := http.NewRequest(method, "http://gateway/api/v1/teams", strings.NewReader(`{"name":"late"}`))
		if err != nil {
			t.Fatal(err)
		}
		if method == http.MethodGet {
			request.Body, request.ContentLength = nil, 0
		}
		return request
	}
	for range 2 {
		connection := dial(t, "unix", filepath.Join(gateway.Dir, "admin.sock"))
		if response, text := askOn(t, connection, request(http.MethodGet)); response.StatusCode != http.StatusOK {
			t.Fatal(text)
		}
		open = append(open, connection)
	}
	next := successor(t, gateway, p.URL)
	if response, text := askOn(t, open[0], request(http.MethodGet)); response.StatusCode != http.StatusOK || !response.Close {
		t.Errorf("a question: %s %s", response.Status, text)
	}
	if response, text := askOn(t, open[1], request(http.MethodPost)); response.StatusCode != http.StatusServiceUnavailable || !response.Close || !strings.Contains(text, "ask again") {
		t.Errorf("a change: %s %s", response.Status, text)
	}
	teams, err := client.Socket(next.Socket).Teams(t.Context())
	if err != nil || len(teams.Data) != 1 {
		t.Errorf("the teams are %v, %v", teams, err)
	}
	if _, err := client.Socket(next.Socket).CreateTeam(t.Context(), api.NewTeam{Name: "late"}); err != nil {
		t.Error(err)
	}
}

// TestPromise7_AStopWaitsForAHandOver that is under way: who has been told to
// get ready is given everything, and meanwhile the process refuses new work in
// words.
func TestPromise7_AStopWaitsForAHandOver(t *testing.T) {
	t.Parallel()
	gateway := gatewaytest.Start(t, gatewaytest.Options{Config: nowhere + "limits: {idle: 100ms}\n"})
	claim, err := handover.Ask(t.Context(), filepath.Join(gateway.Dir, "handover.sock"), true)
	if err != nil {
		t.Fatal(err)
	}
	stopped := make(chan error, 1)
	go func() { stopped <- gateway.App().Stop(context.Background()) }()
	untilNotReady(t, gateway)
	for range 100 { // longer than a stop takes that waits for nothing
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, gateway.URL+"/readyz", nil)
		if err != nil {
			t.Fatal(err)
		}
		if status, _ := gatewaytest.Do(t, request); status != http.StatusServiceUnavailable {
			t.Errorf("while it stops it is ready: %d", status)
		}
	}
	given, err := claim.Take(t.Context())
	if err != nil || len(given) != 4 {
		t.Errorf("%d sockets, %v", len(given), err)
	}
	if err := claim.Serving(); err != nil {
		t.Error(err)
	}
	http.DefaultClient.CloseIdleConnections()
	if err := <-stopped; err != nil {
		t.Error(err)
	}
	for _, each := range given {
		each.Close()
	}
}

// TestASocketThatHasLostItsName is opened anew: nobody could reach the one that
// is handed over.
func TestASocketThatHasLostItsName(t *testing.T) {
	t.Parallel()
	gateway := gatewaytest.Start(t, gatewaytest.Options{Config: nowhere})
	if err := os.Remove(filepath.Join(gateway.Dir, "admin.sock")); err != nil {
		t.Fatal(err)
	}
	next := successor(t, gateway, "http://127.0.0.1:9")
	if _, err := client.Socket(next.Socket).Teams(t.Context()); err != nil {
		t.Error(err)
	}
}

// dying is a predecessor that goes away in the middle.
type dying struct {
	consent error
	said    chan struct{}
}

func (d dying) Consent(int, bool) error            { close(d.said); return d.consent }
func (dying) Yield() ([]*handover.Listener, error) { return nil, handover.ErrGone }
func (dying) Resume(error)                         {}
func (dying) Retire()                              {}

// TestPromise7_APredecessorThatDies, be it after it has said yes, or because it
// was at its end already when it was asked: its successor waits for the folder
// and serves.
func TestPromise7_APredecessorThatDies(t *testing.T) {
	t.Parallel()
	for name, consent := range map[string]error{"after it has said yes": nil, "at its end": handover.ErrGone} {
		t.Run(name, func(t *testing.T) { succeedTheDying(t, dying{consent, make(chan struct{})}) })
	}
}

func succeedTheDying(t *testing.T, d dying) {
	folder := shortFolder(t)
	held := flock.New(filepath.Join(folder, "lock"))
	if ok, err := held.TryLock(); !ok || err != nil {
		t.Fatal(ok, err)
	}
	door, err := net.Listen("unix", filepath.Join(folder, "handover.sock"))
	if err != nil {
		t.Fatal(err)
	}
	server := handover.NewServer(d)
	go server.Serve(door)
	started := make(chan error, 1)
	var gateway *app.App
	go func() {
		var err error
		gateway, err = app.Start(context.Background(), settings(t, fmt.Sprintf("data_dir: %q\nlisten: {address: \"127.0.0.1:0\"}\n", folder)+nowhere), app.Options{Log: discard()})
		started <- err
	}()
	await(t, d.said, "the successor")
	door.Close()
	server.Close()
	select {
	case err := <-started:
		t.Fatalf("it does not wait for the folder: %v", err)
	default:
	}
	if err := held.Unlock(); err != nil {
		t.Fatal(err)
	}
	if err := <-started; err != nil {
		t.Fatal(err)
	}
	if _, err := client.Socket(gateway.Socket).Teams(t.Context()); err != nil {
		t.Error(err)
	}
	if err := gateway.Stop(context.Background()); err != nil {
		t.Error(err)
	}
}

// supervised are sockets that a supervisor has opened under these names.
func supervised(t *testing.T, names ...string) (given []*handover.Listener) {
	t.Helper()
	for _, name := range names {
		opened, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		listener, err := handover.NewListener(handover.Label{Name: name, Address: opened.Addr().String(), Given: true}, opened)
		if err != nil {
			t.Fatal(err)
		}
		given = append(given, listener)
	}
	return given
}

// TestSocketsOfASupervisorByTheirAddresses, in whatever order, since their names
// say nothing.
func TestSocketsOfASupervisorByTheirAddresses(t *testing.T) {
	t.Parallel()
	given := supervised(t, "tollgate.socket", "tollgate.socket")
	office, plane := given[0].Address, given[1].Address
	gateway, err := app.Start(t.Context(), settings(t, fmt.Sprintf(`
data_dir: %q
listen: {address: %q}
admin: {address: %q, keys: [{name: a, key: 0123456789abcdef, role: read}]}
`, shortFolder(t), plane, office)+nowhere), app.Options{Log: discard(), Sockets: given})
	if err != nil {
		t.Fatal(err)
	}
	if gateway.Address != plane || gateway.AdminURL != "http://"+office {
		t.Errorf("the data plane is at %s and the administrators at %s", gateway.Address, gateway.AdminURL)
	}
	if err := gateway.Stop(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestBadInput_SocketsOfASupervisor: what is passed has to be of use.
func TestBadInput_SocketsOfASupervisor(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		names []string
		says  string // nothing: it starts
	}{
		"one without a name":          {[]string{"tollgate.socket"}, ""},
		"one by its name":             {[]string{"listen.address"}, ""},
		"one too many":                {[]string{"listen.address", "metrics"}, "metrics"},
		"one that is not listened on": {[]string{"listen.address", "admin.address"}, "nothing listens"},
		"two of a name":               {[]string{"listen.address", "listen.address"}, "nothing listens"},
	} {
		folder := shortFolder(t)
		given := supervised(t, c.names...)
		gateway, err := app.Start(t.Context(), settings(t, fmt.Sprintf("data_dir: %q\nlisten: {address: \"127.0.0.1:1\"}\n", folder)+nowhere), app.Options{Log: discard(), Sockets: given})
		switch {
		case err == nil && c.says != "", err != nil && (c.says == "" || !strings.Contains(err.Error(), c.says)):
			t.Errorf("%s: %v", name, err)
		case err == nil && gateway.Address != given[0].Addr().String():
			t.Errorf("%s: it listens on %s", name, gateway.Address)
		}
		if err == nil {
			err = gateway.Stop(t.Context())
		}
		if _, dialErr := net.Dial("tcp", given[0].Addr().String()); dialErr == nil {
			t.Errorf("%s: the socket is still open (%v)", name, err)
		}
	}
}
