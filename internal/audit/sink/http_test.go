package sink_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"tollgate/internal/audit/sink/sinktest"
)

// farServer is the far end of a sink that speaks HTTP.
type farServer struct {
	URL string
	// take reads a request, or says with which status and text it is refused.
	take func(r *http.Request, body []byte) (lines []string, status int, text string)

	mu      sync.Mutex
	taken   []string
	refuses bool
	lies    bool
	held    chan struct{}
	hold    chan struct{}
}

func newFarServer(t *testing.T, take func(r *http.Request, body []byte) (lines []string, status int, text string)) *farServer {
	f := &farServer{take: take}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	f.URL = server.URL
	return f
}

func (f *farServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	f.mu.Lock()
	held, hold, refuses, lies := f.held, f.hold, f.refuses, f.lies
	f.held, f.hold = nil, nil
	f.mu.Unlock()
	switch {
	case hold != nil:
		close(held)
		<-hold
		return
	case refuses:
		http.Error(w, "no\n"+sinktest.Canary, http.StatusServiceUnavailable)
		return
	}
	lines, status, text := f.take(r, body)
	if status/100 == 2 {
		f.mu.Lock()
		f.taken = append(f.taken, lines...)
		f.mu.Unlock()
	}
	if lies {
		panic(http.ErrAbortHandler)
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text)
}

func (f *farServer) far() sinktest.Far {
	set := func(which *bool) func(bool) {
		return func(on bool) {
			f.mu.Lock()
			defer f.mu.Unlock()
			*which = on
		}
	}
	return sinktest.Far{Taken: f.lines, Refuse: set(&f.refuses), Lie: set(&f.lies), Hang: f.hang}
}

func (f *farServer) lines() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.taken...)
}

func (f *farServer) hang() (<-chan struct{}, func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.held, f.hold = make(chan struct{}), make(chan struct{})
	hold := f.hold
	return f.held, func() { close(hold) }
}

// linesOf reads JSON Lines as a receiver does.
func linesOf(t *testing.T, text []byte) (lines []string) {
	t.Helper()
	if len(text) > 0 && text[len(text)-1] != '\n' {
		t.Errorf("the last line has no end: %q", text)
	}
	for line := range bytes.Lines(text) {
		line = bytes.TrimSuffix(line, []byte("\n"))
		var said struct{ Checkpoint string }
		if err := json.Unmarshal(line, &said); err != nil {
			t.Errorf("%q: %v", line, err)
		}
		if said.Checkpoint != "" {
			line = []byte(said.Checkpoint)
		}
		lines = append(lines, string(line))
	}
	return lines
}
