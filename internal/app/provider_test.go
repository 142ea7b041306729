package app_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
)

const (
	eventStart = "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"model\":\"claude-opus-5-5\",\"usage\":{\"input_tokens\":10,\"output_tokens\":0}}}\n\n"
	eventEnd   = "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":2}}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"

	askStream = `{"model":"claude-opus-5-5","stream":true}`
	askWhole  = `{"model":"claude-opus-5-5"}`
	answer    = `{"type":"message","model":"claude-opus-5-5","content":[{"type":"text","text":"hi"}],"stop_reason":"end_turn","usage":{"input_tokens":10,"output_tokens":2}}`

	answerCost = 10*4000 + 2*20000 // nano-dollars
)

// provider answers at once, but for a request with the header x-wait: that one
// it begins to answer, and ends when it is told to go on.
type provider struct {
	URL     string
	arrived chan struct{} // one for every request that waits
	goOn    chan struct{}
}

func newProvider(t *testing.T) *provider {
	p := &provider{arrived: make(chan struct{}, 100), goOn: make(chan struct{})}
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	p.URL = server.URL
	return p
}

func (p *provider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, _ = io.ReadAll(r.Body)
	stream := r.Header.Get("X-Wait") == "stream"
	if stream {
		w.Header().Set("Content-Type", "text/event-stream")
		fmt.Fprint(w, eventStart)
		_ = http.NewResponseController(w).Flush()
	}
	if r.Header.Get("X-Wait") != "" {
		p.arrived <- struct{}{}
		select {
		case <-p.goOn:
		case <-r.Context().Done():
			return
		}
	}
	if stream {
		fmt.Fprint(w, eventEnd)
	} else {
		fmt.Fprint(w, answer)
	}
}
