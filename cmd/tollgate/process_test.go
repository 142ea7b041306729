//go:build unix

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"tollgate"
	"tollgate/api"
	"tollgate/client"
	"tollgate/internal/store"
)

const (
	askStream  = `{"model":"claude-opus-5-5","stream":true}`
	askWhole   = `{"model":"claude-opus-5-5"}`
	eventStart = "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"model\":\"claude-opus-5-5\",\"usage\":{\"input_tokens\":10,\"output_tokens\":0}}}\n\n"
	eventEnd   = "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":2}}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"
	answer     = `{"type":"message","model":"claude-opus-5-5","content":[],"stop_reason":"end_turn","usage":{"input_tokens":10,"output_tokens":2}}`
)

// site is a place where one gateway runs after the other, with a provider that
// ends streams when it is told to.
type site struct {
	folder, file string
	provider     string // its address
	key          string
	seen         atomic.Int64  // requests that the provider has seen
	goOn         chan struct{} // closed: streams end
}

func newSite(t *testing.T, config string) *site {
	t.Helper()
	folder, err := os.MkdirTemp("", "tg") // short enough for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	s := &site{folder: filepath.Join(folder, "data"), file: filepath.Join(folder, "tollgate.yaml"), goOn: make(chan struct{})}
	provider := httptest.NewServer(s)
	t.Cleanup(provider.Close)
	s.provider = provider.URL
	s.configure(t, fmt.Sprintf("upstreams: [{name: provider, provider: anthropic, base_url: %q, api_key: k}]\n", provider.URL)+config)
	return s
}

func (s *site) configure(t *testing.T, text string) {
	t.Helper()
	if !strings.Contains(text, "listen:") {
		text += "\nlisten: {address: \"127.0.0.1:0\"}\n"
	}
	if err := os.WriteFile(s.file, []byte(fmt.Sprintf("data_dir: %q\n", s.folder)+text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// ServeHTTP is the provider.
func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.seen.Add(1)
	if string(body) != askStream {
		_, _ = io.WriteString(w, answer)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	_, _ = io.WriteString(w, eventStart)
	_ = http.NewResponseController(w).Flush()
	select {
	case <-s.goOn:
		_, _ = io.WriteString(w, eventEnd)
	case <-r.Context().Done():
	}
}

// admin is the gateway's admin API, whichever process it is. It leaves no
// connection open.
func (s *site) admin() *client.Client {
	return client.Through(&http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", filepath.Join(s.folder, "admin.sock"))
	}})
}

// rows is what the ledger has once all gateways have stopped.
func (s *site) rows(t *testing.T) []*tollgate.Exchange {
	t.Helper()
	kept, err := store.Open(t.Context(), filepath.Join(s.folder, store.File))
	if err != nil {
		t.Fatal(err)
	}
	defer kept.Close()
	var all []*tollgate.Exchange
	for query := (tollgate.RequestQuery{Limit: 1000}); ; {
		rows, next, err := kept.Requests(t.Context(), query)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, rows...)
		if next == "" {
			return all
		}
		query.Cursor = next
	}
}

// process is a `tollgate serve` that runs.
type process struct {
	*exec.Cmd
	url   string
	ended chan struct{} // closed when it has ended; then err is set
	err   error

	mu    sync.Mutex
	log   strings.Builder
	wrote chan struct{} // closed with the next line
}

// serve runs tollgate serve until it listens.
func (s *site) serve(t *testing.T, flags ...string) *process {
	t.Helper()
	return s.begin(t, exec.Command("tollgate", append([]string{"serve", "--config", s.file}, flags...)...)).listens(t)
}

// begin runs a command and reads what it logs. It is killed with the test.
func (s *site) begin(t *testing.T, command *exec.Cmd) *process {
	t.Helper()
	p := &process{Cmd: command, ended: make(chan struct{}), wrote: make(chan struct{})}
	out, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	p.Stderr = in
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	_ = in.Close()
	go p.read(out)
	go func() {
		p.err = p.Wait()
		close(p.ended)
	}()
	t.Cleanup(func() {
		_ = p.Process.Kill()
		<-p.ended
		if t.Failed() {
			t.Logf("process %d logged\n%s", p.Process.Pid, tail(p.text()))
		}
	})
	return p
}

func tail(text string) string { return text[max(0, len(text)-4<<10):] }

// read keeps what is logged, of this process and of those it starts, but for
// the requests.
func (p *process) read(out io.ReadCloser) {
	defer out.Close()
	for lines := bufio.NewReader(out); ; {
		line, err := lines.ReadString('\n')
		if strings.Contains(line, "msg=request ") {
			continue
		}
		p.mu.Lock()
		p.log.WriteString(line)
		close(p.wrote)
		p.wrote = make(chan struct{})
		p.mu.Unlock()
		if err != nil {
			return
		}
	}
}

func (p *process) text() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.log.String()
}

// says waits for a word in the log, and returns what follows it up to a blank.
func (p *process) says(t *testing.T, word string) string {
	t.Helper()
	for deadline := time.After(time.Minute); ; {
		p.mu.Lock()
		_, after, found := strings.Cut(p.log.String(), word)
		wrote := p.wrote
		p.mu.Unlock()
		if found && strings.ContainsAny(after, " \n") {
			return strings.FieldsFunc(after+" .", func(r rune) bool { return r == ' ' || r == '\n' })[0]
		}
		select {
		case <-wrote:
		case <-p.ended:
			t.Fatalf("it has ended (%v) and did not log %q:\n%s", p.err, word, p.text())
		case <-deadline:
			t.Fatalf("it does not log %q:\n%s", word, p.text())
		}
	}
}

func (p *process) listens(t *testing.T) *process {
	t.Helper()
	p.url = p.says(t, "msg=\"tollgate listens\" version="+versionText()+" url=")
	return p
}

func (p *process) signal(t *testing.T, signal os.Signal) {
	t.Helper()
	if err := p.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
}

// ends waits for the end, which is a good one.
func (p *process) ends(t *testing.T) {
	t.Helper()
	select {
	case <-p.ended:
	case <-time.After(time.Minute):
		t.Fatalf("it does not end:\n%s", tail(p.text()))
	}
	if p.err != nil {
		t.Errorf("it ends with %v:\n%s", p.err, tail(p.text()))
	}
}

func (p *process) stops(t *testing.T) {
	t.Helper()
	p.signal(t, syscall.SIGTERM)
	p.ends(t)
}

// newKey makes a key for this site.
func (s *site) newKey(t *testing.T) {
	t.Helper()
	created, err := s.admin().CreateKey(t.Context(), api.NewKey{Service: "ci"})
	if err != nil {
		t.Fatal(err)
	}
	s.key = created.Key
}

func (s *site) request(t *testing.T, url, body string) *http.Request {
	t.Helper()
	request, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), http.MethodPost, url+"/v1/messages", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-Api-Key", s.key)
	return request
}

// ask wants a whole answer. It can be called from any goroutine.
func (s *site) ask(t *testing.T, with *http.Client, url string) error {
	response, err := with.Do(s.request(t, url, askWhole))
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err == nil && (response.StatusCode != http.StatusOK || string(text) != answer) {
		err = fmt.Errorf("%s: %s", response.Status, text)
	}
	return err
}

// stream begins a stream and reads its first event.
func (s *site) stream(t *testing.T, with *http.Client, url string) io.ReadCloser {
	t.Helper()
	response, err := with.Do(s.request(t, url, askStream))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { response.Body.Close() })
	if _, err := io.ReadFull(response.Body, make([]byte, len(eventStart))); err != nil {
		t.Fatalf("%s: %v", response.Status, err)
	}
	return response.Body
}

// finishes reads a stream to its good end.
func finishes(t *testing.T, stream io.Reader) {
	t.Helper()
	if rest, err := io.ReadAll(stream); err != nil || string(rest) != eventEnd {
		t.Errorf("a stream ended with %q, %v", rest, err)
	}
}

// once is a client that uses a connection for one request.
var once = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 2 * time.Minute}

// load is clients that ask one request after the other, on connections that
// they keep, and none of them fails.
type load struct {
	site     *site
	url      string
	client   *http.Client
	stopped  chan struct{}
	end      func() // waits for the last answers
	answered chan struct{}
}

func (s *site) load(t *testing.T, transport *http.Transport, url string) *load {
	l := &load{site: s, url: url, client: &http.Client{Transport: transport, Timeout: 2 * time.Minute}, stopped: make(chan struct{}), answered: make(chan struct{}, 100_000)}
	var group sync.WaitGroup
	for range 3 {
		group.Go(func() { l.run(t) })
	}
	l.end = sync.OnceFunc(func() {
		close(l.stopped)
		group.Wait()
		l.client.CloseIdleConnections()
	})
	t.Cleanup(l.end)
	return l
}

func (l *load) run(t *testing.T) {
	for {
		select {
		case <-l.stopped:
			return
		default:
		}
		if err := l.site.ask(t, l.client, l.url); err != nil {
			t.Errorf("a request failed: %v", err)
			return
		}
		l.answered <- struct{}{}
	}
}

// answers waits for n answers from now on.
func (l *load) answers(t *testing.T, n int) {
	t.Helper()
	for len(l.answered) > 0 {
		<-l.answered
	}
	for range n {
		select {
		case <-l.answered:
		case <-time.After(time.Minute):
			t.Fatal("nobody is answered any more")
		}
	}
}

// exitStatus runs a command to its end.
func exitStatus(command *exec.Cmd) (status int, output string) {
	text, err := command.CombinedOutput()
	if failed, ok := errors.AsType[*exec.ExitError](err); ok {
		return failed.ExitCode(), string(text)
	}
	return 0, string(text)
}
