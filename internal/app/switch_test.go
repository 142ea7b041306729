package app_test

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"tollgate/internal/eventstream"
	"tollgate/internal/gatewaytest"
)

// switched are the configurations that a fleet is moved through.
var switched = []string{
	"{name: a-bedrock, provider: bedrock, region: eu-central-1, base_url: \"http://%s\", bearer: k}",
	"{name: b-vertex, provider: vertex, project: p, region: global, base_url: \"http://%s\", bearer: k}",
	"{name: c-anthropic, provider: anthropic, base_url: \"http://%s\", api_key: k}",
	`{name: d-foundry, provider: foundry, resource: r, base_url: "http://%s/azure", api_key: k}`,
}

// TestPromise7_SwitchOfProvidersUnderLoad: while fifty streams are open and
// requests keep coming, the configuration moves everybody from one provider to
// the next. No request fails, no stream is cut, and what comes after a reload
// goes to the new provider.
func TestPromise7_SwitchOfProvidersUnderLoad(t *testing.T) {
	t.Parallel()
	const streams, workers, least = 50, 4, 100
	provider := newSwitchedProvider(t)
	options := func(i int) gatewaytest.Options {
		return gatewaytest.Options{Config: "upstreams:\n  - " + fmt.Sprintf(switched[i], provider.Listener.Addr()) + "\n"}
	}
	gateway := gatewaytest.Start(t, options(0))
	var group, load sync.WaitGroup
	for range streams {
		group.Go(func() { provider.stream(t, gateway) })
	}
	for range streams {
		await(t, provider.open, "an open stream")
	}
	stop := make(chan struct{})
	var served atomic.Int64
	for range workers {
		load.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if status, answer := gateway.Ask(t, `{"model":"claude-opus-4-8","max_tokens":9,"messages":[]}`); status != http.StatusOK {
					t.Errorf("%d %s", status, answer)
					return
				}
				served.Add(1)
			}
		})
	}
	for i := range switched {
		if i > 0 {
			if err := gateway.Reload(t, options(i)); err != nil {
				t.Fatal(err)
			}
			before := provider.at(i)
			if status, _ := gateway.Ask(t, `{"model":"claude-opus-4-8","max_tokens":9,"messages":[]}`); status != http.StatusOK || provider.at(i) == before {
				t.Errorf("the request after the reload: %d; the new provider has had %d", status, provider.at(i))
			}
		}
		for enough := served.Load() + least; served.Load() < enough && !t.Failed(); {
			gateway.Ask(t, `{"model":"claude-opus-4-8","max_tokens":9,"messages":[]}`)
		}
	}
	close(stop)
	load.Wait()
	close(provider.release)
	group.Wait()
	sent := 0
	for i := range switched {
		sent += int(provider.at(i))
	}
	for _, x := range gateway.WaitRows(t, sent) {
		if x.Status != http.StatusOK || x.Error != "" || x.Estimated {
			t.Errorf("a row: %+v", x)
		}
	}
}

// switchedProvider stands for all of them, and tells them apart by the path.
type switchedProvider struct {
	*httptest.Server
	open, release chan struct{}
	had           [4]atomic.Int64
}

func (p *switchedProvider) at(i int) int64 { return p.had[i].Load() }

func newSwitchedProvider(t *testing.T) *switchedProvider {
	p := &switchedProvider{open: make(chan struct{}, 100), release: make(chan struct{})}
	p.Server = httptest.NewServer(p)
	t.Cleanup(p.Close)
	return p
}

const (
	switchedStart = `{"type":"message_start","message":{"model":"claude-opus-4-8","usage":{"input_tokens":10,"output_tokens":1}}}`
	switchedDelta = `{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":2}}`
	switchedStop  = `{"type":"message_stop"}`
	switchedWhole = `{"type":"message","model":"claude-opus-4-8","content":[{"type":"text","text":"hi"}],"stop_reason":"end_turn","usage":{"input_tokens":10,"output_tokens":2}}`
)

func (p *switchedProvider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	path := r.URL.Path
	p.had[whose(path)].Add(1)
	if !strings.Contains(path, "stream") && !strings.Contains(string(body), `"stream":true`) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, switchedWhole)
		return
	}
	event := func(data string) string {
		kind, _, _ := strings.Cut(strings.TrimPrefix(data, `{"type":"`), `"`)
		return "event: " + kind + "\ndata: " + data + "\n\n"
	}
	w.Header().Set("Content-Type", "text/event-stream")
	if strings.HasPrefix(path, "/model/") {
		w.Header().Set("Content-Type", "application/vnd.amazon.eventstream")
		event = switchedFrame
	}
	_, _ = io.WriteString(w, event(switchedStart))
	_ = http.NewResponseController(w).Flush()
	p.open <- struct{}{}
	<-p.release
	_, _ = io.WriteString(w, event(switchedDelta)+event(switchedStop))
}

func switchedFrame(data string) string {
	return string(eventstream.Append(nil, []eventstream.Header{
		{Name: ":event-type", Value: "chunk"}, {Name: ":content-type", Value: "application/json"}, {Name: ":message-type", Value: "event"},
	}, fmt.Appendf(nil, `{"bytes":%q}`, base64.StdEncoding.EncodeToString([]byte(data)))))
}

// stream asks for a stream and reads it to its end.
func (p *switchedProvider) stream(t *testing.T, gateway *gatewaytest.Gateway) {
	response, err := http.DefaultTransport.RoundTrip(gateway.Request(t, "/v1/messages", `{"model":"claude-opus-4-8","max_tokens":9,"stream":true,"messages":[]}`))
	if err != nil {
		t.Error(err)
		return
	}
	defer response.Body.Close()
	if body, err := io.ReadAll(response.Body); err != nil || !strings.HasSuffix(string(body), "data: "+switchedStop+"\n\n") {
		t.Errorf("%d %q %v", response.StatusCode, body, err)
	}
}

// whose is the index in switched of the provider with this path.
func whose(path string) int {
	switch {
	case strings.HasPrefix(path, "/model/"):
		return 0
	case strings.HasPrefix(path, "/v1/projects/"):
		return 1
	case strings.HasPrefix(path, "/azure/"):
		return 3
	}
	return 2
}
