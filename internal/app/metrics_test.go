package app_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"tollgate"
	"tollgate/internal/app"
	"tollgate/internal/bound"
	"tollgate/internal/gatewaytest"
	"tollgate/internal/journal"
	"tollgate/internal/observe"
	"tollgate/internal/proxy"
	"tollgate/internal/upstream"
)

const scrapeKey = "canary-scrape-0123456789"

// seen is a gateway whose metrics Prometheus may read. Its first upstream takes
// no connection.
func seen(t *testing.T, provider string) *gatewaytest.Gateway {
	t.Helper()
	dead, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	dead.Close()
	return gatewaytest.Start(t, gatewaytest.Options{Config: fmt.Sprintf(`
admin: {address: "127.0.0.1:0", keys: [{name: prometheus, key: %s, role: read}]}
upstreams:
  - {name: provider, provider: anthropic, base_url: %q, api_key: %s}
  - {name: dead, provider: anthropic, base_url: "http://%s", api_key: %[3]s}
routes:
  - {models: ["claude-haiku-*"], upstreams: [dead]}
  - {models: ["claude-sonnet-*"], upstreams: [dead, provider]}
  - {models: ["*"], upstreams: [provider]}
prices: {unknown: highest}
`, scrapeKey, provider, gatewaytest.ProviderKey, dead.Addr())})
}

// scrape reads /metrics over the network, as Prometheus does.
func scrape(t *testing.T, gateway *gatewaytest.Gateway) (text string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, gateway.AdminURL()+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+scrapeKey)
	status, text := gatewaytest.Do(t, request)
	if status != http.StatusOK {
		t.Fatalf("%d %s", status, text)
	}
	return text
}

// sums adds the series of tollgate's counters up by their names and the labels
// that are kept.
func sums(t *testing.T, text string, keep ...string) map[string]float64 {
	t.Helper()
	all := map[string]float64{}
	for lines := bufio.NewScanner(strings.NewReader(text)); lines.Scan(); {
		at := strings.LastIndexByte(lines.Text(), ' ')
		name, labels, _ := strings.Cut(lines.Text()[:max(at, 0)], "{")
		if strings.HasPrefix(name, "#") || !strings.HasPrefix(name, "tollgate_") {
			continue
		}
		value, err := strconv.ParseFloat(lines.Text()[at+1:], 64)
		if err != nil {
			t.Fatal(lines.Text(), err)
		}
		for _, pair := range strings.Split(strings.TrimSuffix(labels, "}"), ",") {
			label, word, _ := strings.Cut(pair, "=")
			for _, kept := range keep {
				if label == kept {
					name += " " + kept + "=" + strings.Trim(word, `"`)
				}
			}
		}
		all[name] += value
	}
	return all
}

// settled scrapes until every row of the ledger is counted.
func settled(t *testing.T, gateway *gatewaytest.Gateway, rows int) string {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; {
		text := scrape(t, gateway)
		if got := sums(t, text)["tollgate_requests_total"]; got == float64(rows) || time.Now().After(deadline) {
			return text
		}
	}
}

// TestPromise3_MetricsSayWhatTheLedgerSays: traffic of every kind, and every
// sum of the rows is a sum of the metrics, to the nano-dollar.
func TestPromise3_MetricsSayWhatTheLedgerSays(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	gateway := seen(t, p.URL)
	for range 3 {
		for _, model := range []string{"claude-opus-5-5", "claude-opus-5-5[1m]", "claude-sonnet-5-5", "claude-haiku-5-5", "model-of-nobody"} {
			gateway.Ask(t, fmt.Sprintf(`{"model":%q}`, model))
			gateway.Ask(t, fmt.Sprintf(`{"model":%q,"stream":true}`, model))
		}
		gatewaytest.Do(t, gateway.Request(t, "/v1/messages/count_tokens", askWhole))
		gateway.Ask(t, `{}`) // refused, with a row
		stranger := gateway.Request(t, "/v1/messages", askWhole)
		stranger.Header.Set("X-Api-Key", "nobody")
		gatewaytest.Do(t, stranger) // refused, without one
	}
	hungUp(t, gateway, p)

	rows := gateway.WaitRows(t, 3*12+1)
	text := settled(t, gateway, len(rows))
	want := expected(rows)
	got := sums(t, text, "code", "class")
	for name, value := range want {
		if math.Abs(got[name]-value) > 1e-10 {
			t.Errorf("%s is %v, the rows say %v", name, got[name], value)
		}
	}
	for name := range got {
		if _, there := want[name]; !there && (strings.HasPrefix(name, "tollgate_requests_total") || strings.HasPrefix(name, "tollgate_tokens_total")) && got[name] != 0 {
			t.Errorf("no row says %s", name)
		}
	}
	reasons := sums(t, text, "reason", "upstream")
	for name, value := range map[string]float64{
		"tollgate_refusals_total reason=unauthenticated":           3,
		"tollgate_refusals_total reason=invalid":                   3,
		"tollgate_refusals_total reason=overloaded":                6,
		"tollgate_incomplete_requests_total reason=client_hung_up": 1,
		"tollgate_upstream_up upstream=dead":                       0,
		"tollgate_upstream_up upstream=provider":                   1,
		"tollgate_config_last_reload_successful":                   1,
		"tollgate_journal_writable":                                1,
		"tollgate_store_writable":                                  1,
		"tollgate_journal_lost_requests_total":                     0,
		"tollgate_requests_in_flight":                              0,
	} {
		if reasons[name] != value {
			t.Errorf("%s is %v, want %v", name, reasons[name], value)
		}
	}
	// Where it is the only one it is tried each time, and otherwise when it does not rest.
	if failed := reasons["tollgate_upstream_failed_attempts_total upstream=dead"]; failed < 7 || failed > 12 {
		t.Errorf("the dead upstream has failed %v times", failed)
	}
}

// hungUp begins a stream and leaves.
func hungUp(t *testing.T, gateway *gatewaytest.Gateway, p *provider) {
	t.Helper()
	ctx, hangUp := context.WithCancel(t.Context())
	request := gateway.Request(t, "/v1/messages", askStream).WithContext(ctx)
	request.Header.Set("X-Wait", "stream")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	<-p.arrived
	hangUp()
	response.Body.Close()
}

// expected are the sums of the rows, under the names of the metrics.
func expected(rows []*tollgate.Exchange) map[string]float64 {
	want := map[string]float64{}
	var cost tollgate.Money
	for _, x := range rows {
		want[fmt.Sprintf("tollgate_requests_total code=%d", x.Status)]++
		want["tollgate_team_requests_total"]++
		want["tollgate_request_duration_seconds_count"]++
		want["tollgate_request_body_bytes_total"] += float64(x.RequestBytes)
		want["tollgate_response_body_bytes_total"] += float64(x.ResponseBytes)
		for class, tokens := range map[string]int64{
			"input": x.Usage.Input, "cache_write_5m": x.Usage.CacheWrite5m, "cache_write_1h": x.Usage.CacheWrite1h,
			"cache_read": x.Usage.CacheRead, "output": x.Usage.Output,
		} {
			want["tollgate_tokens_total class="+class] += float64(tokens)
		}
		if x.Estimated {
			want["tollgate_estimated_requests_total"]++
		}
		if x.FirstByte > 0 {
			want["tollgate_added_latency_seconds_count"]++
		}
		cost += x.Cost
	}
	want["tollgate_cost_usd_total"] = float64(cost) / float64(tollgate.Dollar)
	want["tollgate_team_cost_usd_total"] = want["tollgate_cost_usd_total"]
	return want
}

// TestPromise6_MetricsTellNobodysSecrets: whatever a caller writes into a
// request, none of it and no credential is in the metrics, and no label is his.
func TestPromise6_MetricsTellNobodysSecrets(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	gateway := seen(t, p.URL)
	const absurd = "absurd\\\"\n{}=word"
	send := func(i int) {
		word := fmt.Sprintf("absurdword-%d", i)
		request := gateway.Request(t, "/v1/messages?"+word, fmt.Sprintf(`{"model":%q,"metadata":{"user_id":%q},"stream":%v}`, word+absurd, word, i%2 == 0))
		for _, header := range []string{
			"User-Agent", "X-Claude-Code-Session-Id", "X-Claude-Code-Agent-Id", "X-Claude-Code-Request-Class", "X-Claude-Code-Prompt-Id",
			"X-Forwarded-For", "Anthropic-Version", "Anthropic-Beta", "Traceparent",
		} {
			request.Header.Set(header, word)
		}
		gatewaytest.Do(t, request)
		gateway.Ask(t, fmt.Sprintf(`{"model":%q}`, gateway.Key+strconv.Itoa(i)))
		stranger := gateway.Request(t, "/"+word, word)
		stranger.Header.Set("X-Api-Key", word)
		gatewaytest.Do(t, stranger)
	}
	for i := range 4 {
		send(i)
	}
	before := series(settled(t, gateway, 8))
	for i := range 20 {
		send(4 + i)
	}
	text := settled(t, gateway, 48)
	after := series(text)
	for name := range after {
		if !before[name] {
			t.Errorf("a caller made the series %s", name)
		}
	}
	for what, secret := range map[string]string{
		"a caller's word": "absurd", "the gateway key": gateway.Key[17:], "the key's id": gateway.Key[4:16], "the provider's key": gatewaytest.ProviderKey,
		"the admin key": scrapeKey, "a developer": "ann@example.com",
	} {
		if strings.Contains(text, secret) {
			t.Errorf("%s is in the metrics", what)
		}
	}
}

// series are all names with their labels, but for the runtime's own.
func series(text string) map[string]bool {
	all := map[string]bool{}
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "tollgate_") {
			all[line[:strings.LastIndexByte(line, ' ')]] = true
		}
	}
	return all
}

// TestMetricsAreWhereTheyBelong: on the admin API's own doors, never on the
// data plane.
func TestMetricsAreWhereTheyBelong(t *testing.T) {
	t.Parallel()
	gateway := seen(t, newProvider(t).URL)
	get := func(client *http.Client, address, key string) int {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address+"/metrics", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+key)
		request.Header.Set("X-Api-Key", key)
		response, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		_, _ = io.Copy(io.Discard, response.Body)
		return response.StatusCode
	}
	socket := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", gateway.App().Socket)
	}}}
	defer socket.CloseIdleConnections()
	for where, status := range map[string][2]int{
		"the data plane, with a gateway key": {get(http.DefaultClient, gateway.URL, gateway.Key), http.StatusNotFound},
		"the data plane, with an admin key":  {get(http.DefaultClient, gateway.URL, scrapeKey), http.StatusNotFound},
		"the admin address, a stranger":      {get(http.DefaultClient, gateway.AdminURL(), gateway.Key), http.StatusUnauthorized},
		"the admin address":                  {get(http.DefaultClient, gateway.AdminURL(), scrapeKey), http.StatusOK},
		"the socket":                         {get(socket, "http://tollgate", ""), http.StatusOK},
	} {
		if status[0] != status[1] {
			t.Errorf("%s answers %d, want %d", where, status[0], status[1])
		}
	}
}

// TestMetricsMayBeOpen, if the configuration says so, and nothing else is then.
func TestMetricsMayBeOpen(t *testing.T) {
	t.Parallel()
	gateway := gatewaytest.Start(t, gatewaytest.Options{Config: nowhere + "admin: {address: \"127.0.0.1:0\", metrics: open}\n"})
	for path, want := range map[string]int{"/metrics": http.StatusOK, "/api/v1/teams": http.StatusUnauthorized} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, gateway.AdminURL()+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if status, _ := gatewaytest.Do(t, request); status != want {
			t.Errorf("%s answers a stranger with %d, want %d", path, status, want)
		}
	}
}

// TestMetricsFollowReloads: the name of a model that is newly configured
// becomes a label, and a failed reload shows.
func TestMetricsFollowReloads(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	gateway := seen(t, p.URL)
	gateway.Ask(t, `{"model":"model-of-ours"}`)
	more := gatewaytest.Options{Upstream: p.URL, Config: fmt.Sprintf(`
admin: {address: "127.0.0.1:0", keys: [{name: prometheus, key: %s, role: read}]}
models: [{id: model-of-ours}]
routes: [{models: ["*"], upstreams: [provider]}]
prices: {unknown: highest}
`, scrapeKey)}
	if err := gateway.Reload(t, more); err != nil {
		t.Fatal(err)
	}
	gateway.Ask(t, `{"model":"model-of-ours"}`)
	unbuildable := settings(t, fmt.Sprintf("data_dir: %q\n", gateway.Dir)+nowhere)
	unbuildable.Upstreams = append(unbuildable.Upstreams, upstream.Config{Name: "b", Provider: "from the future"})
	if err := gateway.App().Reload(unbuildable); err == nil {
		t.Error("a configuration that cannot be built is reloaded")
	}
	got := sums(t, settled(t, gateway, 2), "model")
	for _, name := range []string{"tollgate_requests_total model=other", "tollgate_requests_total model=model-of-ours"} {
		if got[name] != 1 {
			t.Errorf("%s is %v", name, got[name])
		}
	}
	if got["tollgate_config_last_reload_successful"] != 0 {
		t.Error("a failed reload does not show")
	}
}

// TestTheJournalsFiguresKeepTheirNames on their way into the metrics.
func TestTheJournalsFiguresKeepTheirNames(t *testing.T) {
	t.Parallel()
	var stats journal.Stats
	from := reflect.ValueOf(&stats).Elem()
	for i := range from.NumField() {
		if field := from.Field(i); field.CanInt() {
			field.SetInt(int64(i + 1))
		}
	}
	stats.Failing = true
	figures := app.JournalFigures(stats)
	for field, to := range reflect.ValueOf(figures).Fields() {
		if to.CanInt() && to.Int() != from.FieldByName(field.Name).Int() {
			t.Errorf("%s is %d", field.Name, to.Int())
		}
	}
	if figures.Writable || !figures.StoreWritable {
		t.Errorf("%+v", figures)
	}
}

// TestTheLoadsFiguresKeepTheirNames likewise.
func TestTheLoadsFiguresKeepTheirNames(t *testing.T) {
	t.Parallel()
	got := app.LoadFigures(proxy.Load{
		BodyBytes: bound.Stats{Held: 1, Bound: 2, Refused: 3}, Requests: bound.Stats{Held: 4, Bound: 5, Refused: 6}, Connections: bound.Stats{Held: 7, Bound: 8, Refused: 9},
	})
	if want := (observe.Load{Bodies: observe.Room{Held: 1, Bound: 2, Refused: 3}, Requests: observe.Room{Held: 4, Bound: 5, Refused: 6}, Connections: observe.Room{Held: 7, Bound: 8, Refused: 9}}); got != want {
		t.Errorf("%+v", got)
	}
}
