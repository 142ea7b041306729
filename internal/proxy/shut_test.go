package proxy_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"tollgate"
	"tollgate/internal/journal"
	"tollgate/internal/proxy"
	"tollgate/internal/route"
	"tollgate/internal/secret"
	"tollgate/internal/upstream"
)

// awaited is the context of a request. It says when somebody waits for its end.
type awaited struct {
	context.Context
	told func()
}

func (a awaited) Done() <-chan struct{} { a.told(); return a.Context.Done() }

// endingBody does something when it has been read to its end.
type endingBody struct {
	*strings.Reader
	end func()
}

func (b endingBody) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if err == io.EOF {
		b.end()
	}
	return n, err
}

// heir is a process that has taken over, and what it was sent.
type heir struct {
	bodies []string
	fail   error
}

func (h *heir) RoundTrip(r *http.Request) (*http.Response, error) {
	if h.fail != nil {
		return nil, h.fail
	}
	if r.Body != nil {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		h.bodies = append(h.bodies, string(body))
	}
	return &http.Response{StatusCode: http.StatusAccepted, Header: http.Header{"X-Of": {"the heir"}}, Body: io.NopCloser(strings.NewReader("hers"))}, nil
}

// waiting is a request that waits at a turnstile that is shut.
type waiting struct {
	p       *proxy.Proxy
	stop    context.CancelFunc // of the process
	hangUp  context.CancelFunc
	body    endingBody
	answer  *httptest.ResponseRecorder
	ended   chan any // what the handler panicked with, or nil
	refused int
	rows    func() []int // their status
}

// newWaiting begins a request. It comes when the turnstile is shut, or is read
// when it is shut.
func newWaiting(t *testing.T, read bool) *waiting {
	t.Helper()
	provider := newRawProvider(t, stay("200 OK\r\nConnection: close\r\nContent-Type: application/json", wholeAnswer))
	p, _, recorded := bareProxy(t, provider.URL, new(bytes.Buffer))
	w := &waiting{p: p, answer: httptest.NewRecorder(), ended: make(chan any, 1)}
	p.Running, w.stop = context.WithCancel(t.Context())
	p.Refused = func(tollgate.Kind) { w.refused++ }
	w.rows = func() (status []int) {
		for _, x := range *recorded {
			status = append(status, x.Status)
		}
		return status
	}
	shut := func() {
		if err := p.Shut(t.Context()); err != nil {
			t.Error(err)
		}
	}
	w.body = endingBody{strings.NewReader(askWhole), func() {}}
	if read {
		w.body.end = sync.OnceFunc(shut)
	} else {
		shut()
	}
	ctx, hangUp := context.WithCancel(t.Context())
	w.hangUp = hangUp
	waits := make(chan struct{})
	request := httptest.NewRequestWithContext(awaited{ctx, sync.OnceFunc(func() { close(waits) })}, http.MethodPost, "/v1/messages", w.body)
	go func() {
		defer func() { w.ended <- recover() }()
		p.ServeHTTP(w.answer, request)
	}()
	select {
	case <-waits:
	case <-time.After(20 * time.Second):
		t.Fatal("the request does not wait")
	}
	if left := w.body.Len(); !read && left != len(askWhole) {
		t.Errorf("of a request that waits %d bytes were read", len(askWhole)-left)
	}
	if len(provider.requests()) > 0 {
		t.Error("the provider was asked")
	}
	return w
}

// TestPromise4_WhileItIsShutNobodyIsAdmitted: who comes then waits, unread, and
// so does who was being read, until it is open again, there is an heir, the
// client hangs up or the process ends.
func TestPromise4_WhileItIsShutNobodyIsAdmitted(t *testing.T) {
	t.Parallel()
	after := &heir{}
	for name, c := range map[string]struct {
		turn   func(*waiting)
		status int    // as the client sees it
		says   string // likewise; nothing: the connection is cut
		rows   map[bool]int
	}{
		"it is open again":    {func(w *waiting) { w.p.Open() }, 200, wholeAnswer, map[bool]int{false: 200, true: 200}},
		"there is an heir":    {func(w *waiting) { w.p.PassOn(after) }, 202, "hers", nil},
		"the client hangs up": {func(w *waiting) { w.hangUp() }, 0, "", map[bool]int{true: 499}},
		"the process ends":    {func(w *waiting) { w.stop() }, 503, "restarted", map[bool]int{true: 503}},
		"the heir has died":   {func(w *waiting) { w.p.PassOn(&heir{fail: errors.New("gone")}) }, 503, "asks again", nil},
	} {
		for _, read := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, read %v", name, read), func(t *testing.T) {
				w := newWaiting(t, read)
				c.turn(w)
				fault := <-w.ended
				cut := c.says == "" || name == "the process ends" && !read
				if (fault == http.ErrAbortHandler) != cut || !cut && (w.answer.Code != c.status || !strings.Contains(w.answer.Body.String(), c.says)) {
					t.Errorf("it ends with %v after %d %s", fault, w.answer.Code, w.answer.Body)
				}
				if rows := w.rows(); c.rows[read] == 0 && len(rows) > 0 || c.rows[read] != 0 && (len(rows) != 1 || rows[0] != c.rows[read]) {
					t.Errorf("the rows have %v", rows)
				}
			})
		}
	}
	if len(after.bodies) != 2 || after.bodies[0] != askWhole || after.bodies[1] != askWhole {
		t.Errorf("the heir was sent %q", after.bodies)
	}
}

// slowDisk is one on which a write takes until it is let go.
type slowDisk struct {
	journal.LocalDisk
	writes chan struct{} // one for every write that begins
	goOn   chan struct{}
}

func (d *slowDisk) Create(path string) (journal.File, error) {
	f, err := d.LocalDisk.Create(path)
	return slowFile{f, d}, err
}

type slowFile struct {
	journal.File
	disk *slowDisk
}

func (f slowFile) Write(p []byte) (int, error) {
	f.disk.writes <- struct{}{}
	<-f.disk.goOn
	return f.File.Write(p)
}

// TestPromise4_WhoShutsFindsEverybodyInTheJournal: a request that was admitted
// just before, and is on its way into the journal, is waited for.
func TestPromise4_WhoShutsFindsEverybodyInTheJournal(t *testing.T) {
	t.Parallel()
	asked, end := make(chan struct{}), make(chan struct{})
	provider := newRawProvider(t, func(_ *http.Request, connection net.Conn) {
		close(asked)
		<-end
		fmt.Fprintf(connection, "%sContent-Length: %d\r\n\r\n%s", jsonHead, len(wholeAnswer), wholeAnswer)
	})
	p, _, _ := bareProxy(t, provider.URL, new(bytes.Buffer))
	disk := &slowDisk{writes: make(chan struct{}, 100), goOn: make(chan struct{})}
	journalWith(t, p, func(o *journal.Options) { o.Disk = disk })
	answered := make(chan int)
	go func() {
		answer := httptest.NewRecorder()
		p.ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/v1/messages", strings.NewReader(askWhole)))
		answered <- answer.Code
	}()
	<-disk.writes
	impatient, cancel := context.WithCancel(t.Context())
	cancel()
	if err := p.Shut(impatient); !errors.Is(err, context.Canceled) {
		t.Errorf("while a request is on its way into the journal it is shut with %v", err)
	}
	close(disk.goOn)
	if err := p.Shut(t.Context()); err != nil {
		t.Error(err)
	}
	begun := 0
	survey, err := journal.Inspect(filepath.Dir(p.Journal.Folder()))
	if err == nil {
		_, err = survey.Read(func(journal.Passage) error { begun++; return nil })
	}
	if begun != 1 || err != nil {
		t.Errorf("the journal has %d requests, %v", begun, err)
	}
	<-asked
	close(end)
	if status := <-answered; status != http.StatusOK {
		t.Errorf("a request that was admitted is answered with %d", status)
	}
}

// TestPromise4_ARefusalLeavesNobodyWithin: neither one of a gate nor one for
// which nobody was there.
func TestPromise4_ARefusalLeavesNobodyWithin(t *testing.T) {
	t.Parallel()
	p, _, recorded := bareProxy(t, "http://127.0.0.1:1", new(bytes.Buffer))
	for _, body := range []string{askWhole, `{"model":"of-no-price","messages":[]}`} {
		answer := httptest.NewRecorder()
		p.ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/v1/messages", strings.NewReader(body)))
		if answer.Code == http.StatusOK {
			t.Errorf("%s is answered with %d %s", body, answer.Code, answer.Body)
		}
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if err := p.Shut(over); err != nil || len(*recorded) != 2 {
		t.Errorf("%v after %d refusals", err, len(*recorded))
	}
}

// TestPromise4_OneMoreAttemptIsForTheHeirToAdmit: a request whose first upstream
// had it, and did not answer, needs money a second time. The heir cannot be
// given it any more, so its client asks again.
func TestPromise4_OneMoreAttemptIsForTheHeirToAdmit(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		turn   func(*proxy.Proxy)
		status int
		second int // requests at the second upstream
	}{
		"nothing is handed over": {func(p *proxy.Proxy) { p.Open() }, http.StatusOK, 1},
		"there is an heir":       {func(p *proxy.Proxy) { p.PassOn(&heir{}) }, http.StatusServiceUnavailable, 0},
	} {
		t.Run(name, func(t *testing.T) {
			had := make(chan *proxy.Proxy, 1)
			first := newRawProvider(t, func(*http.Request, net.Conn) {
				p := <-had
				if err := p.Shut(t.Context()); err != nil {
					t.Error(err)
				}
				c.turn(p)
			})
			second := newRawProvider(t, stay("200 OK\r\nConnection: close\r\nContent-Type: application/json", wholeAnswer))
			p, snapshot, recorded := bareProxy(t, first.URL, new(bytes.Buffer))
			had <- p
			addUpstream(t, snapshot, "second", second.URL)
			answer := httptest.NewRecorder()
			p.ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/v1/messages", strings.NewReader(askWhole)))
			if answer.Code != c.status || len(second.requests()) != c.second {
				t.Errorf("%d %s, %d requests", answer.Code, answer.Body, len(second.requests()))
			}
			if len(*recorded) != 1 || (*recorded)[0].Error != "attempt_abandoned" && c.second == 1 || (*recorded)[0].Cost == 0 {
				t.Errorf("%+v", *recorded)
			}
		})
	}
}

func addUpstream(t *testing.T, to *proxy.Snapshot, name, address string) {
	t.Helper()
	place, err := upstream.New(upstream.Config{Name: name, Provider: "anthropic", BaseURL: address, APIKey: secret.New("k"), FirstByte: time.Minute}, nil, time.Now, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(place.Close)
	to.Upstreams[name] = place
	to.Router = route.New(route.Config{}, []string{"provider", name}, nil, nil)
}
