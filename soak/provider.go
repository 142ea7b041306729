package main

import (
	"maps"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"tollgate/internal/simulator"
)

// promptHeader says which request it is; the ledger keeps it.
const promptHeader = "X-Claude-Code-Prompt-Id"

// provider is a simulated one that counts what it is asked.
type provider struct {
	url       string
	simulator *simulator.Simulator
	server    *http.Server

	mu   sync.Mutex
	seen map[string]int // by prompt
}

func newProvider() (*provider, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &provider{
		url: "http://" + listener.Addr().String(), seen: map[string]int{},
		simulator: simulator.New(simulator.Config{Pace: time.Millisecond}),
	}
	p.server = &http.Server{Handler: p}
	go p.server.Serve(listener) //nolint:errcheck // it ends with close
	return p, nil
}

// ServeHTTP notes the request when its head has come, which is when a provider
// may bill it.
func (p *provider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/v1/messages") {
		p.mu.Lock()
		p.seen[r.Header.Get(promptHeader)]++
		p.mu.Unlock()
	}
	p.simulator.ServeHTTP(w, r)
}

func (p *provider) count() map[string]int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return maps.Clone(p.seen)
}

// closeIdle ends the connections that the gateway keeps for its next request.
func (p *provider) closeIdle() {
	p.server.SetKeepAlivesEnabled(false)
	p.server.SetKeepAlivesEnabled(true)
}

func (p *provider) close() { _ = p.server.Close() }
