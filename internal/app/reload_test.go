package app_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"tollgate/internal/gatewaytest"
	"tollgate/internal/upstream"
)

// TestPromise7_Reload puts other routes, prices, limits and upstreams in force
// while a stream is under way: the stream ends as it began.
func TestPromise7_Reload(t *testing.T) {
	t.Parallel()
	first, second := newProvider(t), newProvider(t)
	gateway := gatewaytest.Start(t, gatewaytest.Options{Upstream: first.URL})
	stream := openStream(t, gateway, http.DefaultClient)
	defer stream.Body.Close()
	<-first.arrived

	err := gateway.Reload(t, gatewaytest.Options{Upstream: second.URL, Config: `
routes: [{models: ["claude-opus-*"], upstreams: [provider]}]
prices: {multiplier: 2.0}
limits: {max_request_bytes: 1KB}
organization: {help: "Ask Bob."}
`})
	if err != nil {
		t.Fatal(err)
	}
	for body, want := range map[string]int{
		askWhole:                        http.StatusOK,
		`{"model":"claude-sonnet-5-5"}`: http.StatusNotFound,
		`{"model":"claude-opus-5-5","x":"` + strings.Repeat("x", 1000) + `"}`: http.StatusRequestEntityTooLarge,
	} {
		status, text := gateway.Ask(t, body)
		if status != want || want != http.StatusOK && !strings.Contains(text, "(Ask Bob.)") {
			t.Errorf("%.50s: %d %s", body, status, text)
		}
	}
	close(first.goOn)
	if rest, err := io.ReadAll(stream.Body); err != nil || string(rest) != eventEnd {
		t.Errorf("the stream ended with %q, %v", rest, err)
	}
	for _, x := range gateway.WaitRows(t, 4) {
		want := map[bool]int64{true: answerCost, false: 2 * answerCost}[x.Stream]
		if x.Status == http.StatusOK && (int64(x.Cost) != want || x.Estimated) {
			t.Errorf("stream %v: cost %d, want %d", x.Stream, x.Cost, want)
		}
	}
}

// TestPromise7_AFailedReloadChangesNothing: neither one that cannot be read
// nor one that cannot be built.
func TestPromise7_AFailedReloadChangesNothing(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	gateway := gatewaytest.Start(t, gatewaytest.Options{Upstream: p.URL})
	if err := gateway.Reload(t, gatewaytest.Options{Upstream: p.URL, Config: "prices: {multiplier: two}\nroutes: [{models: [x], upstreams: [provider]}]"}); err == nil {
		t.Error("a configuration with a mistake is reloaded")
	}
	unbuildable := settings(t, fmt.Sprintf("data_dir: %q\nprices: {multiplier: 3.0}\n", gateway.Dir)+nowhere)
	unbuildable.Upstreams = append(unbuildable.Upstreams, upstream.Config{Name: "b", Provider: "from the future"})
	if err := gateway.App().Reload(unbuildable); err == nil {
		t.Error("a configuration that cannot be built is reloaded")
	}
	if status, text := gateway.Ask(t, askWhole); status != http.StatusOK || text != answer {
		t.Errorf("%d %s", status, text)
	}
	if x := gateway.WaitRows(t, 1)[0]; int64(x.Cost) != answerCost {
		t.Errorf("cost %d", x.Cost)
	}
}

// TestReloadNamesWhatNeedsARestart, and does not pretend otherwise.
func TestReloadNamesWhatNeedsARestart(t *testing.T) {
	t.Parallel()
	const admin = "admin: {address: \"127.0.0.1:0\", keys: [{name: a, key: 0123456789abcdef, role: "
	gateway := gatewaytest.Start(t, gatewaytest.Options{Config: nowhere + admin + "read}]}\n"})
	if err := gateway.Reload(t, gatewaytest.Options{Config: nowhere + admin + "write}]}\nlimits: {idle: 7s, read_request: 3s, max_header_bytes: 9KiB}\njournal: {max_bytes: 2GiB}\norganization: {time_zone: Asia/Tokyo}\nlog: {level: warn}\n"}); err != nil {
		t.Fatal(err)
	}
	for _, member := range []string{"limits.idle", "limits.read_request", "limits.max_header_bytes", "journal", "organization.time_zone", "admin.keys", "log"} {
		if !strings.Contains(gateway.Log(), "only after a restart\" member="+member+"\n") {
			t.Errorf("%s is not named:\n%s", member, gateway.Log())
		}
	}
	for _, member := range []string{"listen", "admin.address", "admin.metrics", "data_dir"} {
		if strings.Contains(gateway.Log(), "member="+member) {
			t.Errorf("%s is named and has not changed", member)
		}
	}
}

// openStream begins a stream and reads its first event.
func openStream(t *testing.T, gateway *gatewaytest.Gateway, client *http.Client) *http.Response {
	t.Helper()
	request := gateway.Request(t, "/v1/messages", askStream)
	request.Header.Set("X-Wait", "stream")
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(response.Body, make([]byte, len(eventStart))); err != nil {
		t.Fatal(err)
	}
	return response
}
