package clienttest

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/zeebo/blake3"

	"tollgate"
	"tollgate/internal/gatewaytest"
	"tollgate/internal/simulator"
)

// line is the whole of it: the client's wire, the gateway, the provider.
type line struct {
	wire     *wire
	gateway  *gatewaytest.Gateway
	provider *simulator.Simulator
}

// newLine starts it, with more configuration than that of the upstream.
func newLine(t *testing.T, config string) *line {
	t.Helper()
	program(t) // skip before anything is started
	provider := simulator.New(simulator.Config{Keep: 200, Keys: []string{gatewaytest.ProviderKey}})
	far := httptest.NewServer(provider)
	t.Cleanup(far.Close)
	gateway := gatewaytest.Start(t, gatewaytest.Options{Upstream: far.URL, Config: config})
	return &line{wire: newWire(t, strings.TrimPrefix(gateway.URL, "http://")), gateway: gateway, provider: provider}
}

// newClient is a machine that is pointed at the line.
func (l *line) newClient(t *testing.T, env ...string) *client {
	t.Helper()
	return newClient(t, append([]string{"ANTHROPIC_BASE_URL=" + l.wire.url}, env...)...)
}

// leg is one inference request, seen from everywhere.
type leg struct {
	near exchange            // on the client's side of the gateway
	far  *simulator.Received // on the provider's side
	row  *tollgate.Exchange  // in the ledger
}

// legs pairs what crossed the wire with what the provider and the ledger
// know, holds the promises of forwarding and metering for each, and returns
// them in the order of the ledger.
func (l *line) legs(t *testing.T) []leg {
	t.Helper()
	var arrived []*simulator.Received
	for _, one := range l.provider.Received() {
		if one.Method == http.MethodPost {
			arrived = append(arrived, one)
		}
	}
	rows := l.gateway.WaitRows(t, len(arrived))
	var all []leg
	for _, near := range l.wire.exchanges(t) {
		if near.method != http.MethodPost {
			continue
		}
		far := take(&arrived, near.arrivedAs)
		if far == nil {
			t.Errorf("the provider never saw %s with these %d bytes and this answer of %d bytes", near.path, len(near.body), len(near.answer))
			continue
		}
		all = append(all, leg{near: near, far: far, row: rowOf(t, rows, far)})
	}
	if len(arrived) > 0 {
		t.Errorf("the provider saw %d requests that the client never sent", len(arrived))
	}
	slices.SortFunc(all, func(a, b leg) int { return slices.Index(rows, a.row) - slices.Index(rows, b.row) })
	for _, one := range all {
		one.checkForwarding(t)
		one.checkRow(t)
		one.checkMoney(t)
	}
	return all
}

// arrivedAs says whether this is what the provider saw and answered.
func (x exchange) arrivedAs(far *simulator.Received) bool {
	return far.URL == x.path && string(far.Body) == string(x.body) && string(far.Sent().Body) == string(x.answer)
}

// take removes and returns the first that fits, or returns nil.
func take[T any](list *[]*T, fits func(*T) bool) *T {
	at := slices.IndexFunc(*list, fits)
	if at < 0 {
		return nil
	}
	found := (*list)[at]
	*list = slices.Delete(*list, at, at+1)
	return found
}

func rowOf(t *testing.T, rows []*tollgate.Exchange, far *simulator.Received) *tollgate.Exchange {
	t.Helper()
	id := far.Sent().Header.Get("Request-Id")
	at := slices.IndexFunc(rows, func(row *tollgate.Exchange) bool { return row.UpstreamRequestID == id })
	if at < 0 {
		t.Fatalf("the ledger has no row for the provider's request %s", id)
	}
	return rows[at]
}

// notForwarded are the headers that end at the gateway.
var notForwarded = []string{"Authorization", "X-Api-Key", "Connection", "Accept-Encoding", "Content-Length"}

// checkForwarding holds that headers pass and credentials do not. That the
// bodies are equal is how the two were paired.
func (g leg) checkForwarding(t *testing.T) {
	t.Helper()
	for name, values := range g.near.header {
		if !slices.Contains(notForwarded, name) && !slices.Equal(g.far.Header[name], values) {
			t.Errorf("%s left the client as %q and arrived as %q", name, values, g.far.Header[name])
		}
	}
	if key := g.far.Header.Get("X-Api-Key"); key != gatewaytest.ProviderKey || g.far.Header["Authorization"] != nil {
		t.Errorf("the provider was shown %q and %q", key, g.far.Header["Authorization"])
	}
	for name, values := range g.far.Header {
		if strings.Contains(strings.Join(values, " "), "tgk_") {
			t.Errorf("the developer's key reached the provider in %s", name)
		}
	}
	for name := range g.near.answerHeader {
		if strings.HasPrefix(name, "Anthropic-Ratelimit-") {
			t.Errorf("the client was shown the shared quota in %s", name)
		}
	}
}

// checkRow holds that the ledger says who asked, what, and with which bytes.
func (g leg) checkRow(t *testing.T) {
	t.Helper()
	sent := g.near.header
	for _, want := range []struct{ what, got, want string }{
		{"developer", g.row.Developer, "ann@example.com"},
		{"team", g.row.Team, "core"},
		{"session", g.row.Session, sent.Get("X-Claude-Code-Session-Id")},
		{"agent", g.row.Agent, sent.Get("X-Claude-Code-Agent-Id")},
		{"parent agent", g.row.ParentAgent, sent.Get("X-Claude-Code-Parent-Agent-Id")},
		{"request class", g.row.RequestClass, sent.Get("X-Claude-Code-Request-Class")},
		{"prompt", g.row.Prompt, sent.Get("X-Claude-Code-Prompt-Id")},
		{"client", g.row.Client, sent.Get("User-Agent")},
		{"upstream", g.row.Upstream, "provider"},
		{"request digest", g.row.RequestDigest, requestDigest(g.near.body)},
		{"forwarded digest", g.row.ForwardedDigest, requestDigest(g.far.Body)},
		{"response digest", g.row.ResponseDigest, answerDigest(g.near.answer)},
		{"error", g.row.Error, ""},
	} {
		if want.got != want.want {
			t.Errorf("%s: the ledger says %q, want %q", want.what, want.got, want.want)
		}
	}
	if g.row.Session == "" || !strings.HasPrefix(g.row.Client, "claude-cli/"+clientVersion) {
		t.Errorf("the client said %q in session %q", g.row.Client, g.row.Session)
	}
	if g.row.Status != g.near.status || len(g.row.Splices) != 0 ||
		g.row.RequestBytes != int64(len(g.near.body)) || g.row.ResponseBytes != int64(len(g.near.answer)) {
		t.Errorf("the row is %+v", g.row)
	}
}

func requestDigest(body []byte) string {
	sum := blake3.Sum256(body)
	return "blake3:" + hex.EncodeToString(sum[:])
}

func answerDigest(body []byte) string {
	sum := sha256.Sum256(body)
	return "sha256:" + hex.EncodeToString(sum[:])
}
