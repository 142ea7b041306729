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
	"testing"
	"time"

	"tollgate"
	"tollgate/internal/gatewaytest"
	"tollgate/internal/journal"
	"tollgate/internal/meter"
	"tollgate/internal/policy/budget"
	"tollgate/internal/policy/limit"
	"tollgate/internal/policy/recent"
	"tollgate/internal/proxy"
	"tollgate/internal/route"
	"tollgate/internal/secret"
	"tollgate/internal/upstream"
)

// anybody is an identity that opens for whoever comes.
type anybody struct{}

func (anybody) Identify(http.Header) (tollgate.Principal, error) {
	return tollgate.Principal{Key: "k"}, nil
}

// bareProxy is the handler alone, in front of a provider, for what cannot be
// brought about over a socket at a given moment.
func bareProxy(t *testing.T, provider string, log *bytes.Buffer) (*proxy.Proxy, *proxy.Snapshot, *[]*tollgate.Exchange) {
	t.Helper()
	logger := slog.New(slog.NewTextHandler(log, nil))
	place, err := upstream.New(upstream.Config{Name: "provider", Provider: "anthropic", BaseURL: provider, APIKey: secret.New("k"), FirstByte: time.Minute}, nil, time.Now, logger)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(place.Close)
	book, problems := meter.NewBook(meter.Config{Multiplier: "1.0", Unknown: meter.Refuse})
	if problems != nil {
		t.Fatal(problems)
	}
	snapshot := &proxy.Snapshot{
		Router:    route.New(route.Config{}, []string{"provider"}, nil, nil),
		Upstreams: map[string]*upstream.Upstream{"provider": place},
		Book:      book, Limits: proxy.DefaultLimits(),
	}
	var recorded []*tollgate.Exchange
	p := &proxy.Proxy{
		Identity: anybody{}, Now: time.Now, Log: logger, Running: context.Background(),
		Budgets: budget.New(time.UTC, time.Now), Limits: limit.New(time.Now), Recent: recent.New(), Traffic: route.NewTraffic(time.Now),
		Journal: newJournal(t, logger),
		Record:  func(x *tollgate.Exchange) { recorded = append(recorded, x) },
		Refused: func(tollgate.Kind) {},
		Trace:   func(http.Header) tollgate.Trace { return tollgate.Trace{} },
	}
	p.Swap(snapshot)
	p.SetReady(true)
	return p, snapshot, &recorded
}

// nowhere is a ledger that keeps nothing.
type nowhere struct{}

func (nowhere) Append(context.Context, []*tollgate.Exchange) error { return nil }
func (nowhere) Sync(context.Context) error                         { return nil }

func newJournal(t *testing.T, log *slog.Logger) *journal.Journal {
	t.Helper()
	j, err := journal.Open(filepath.Join(t.TempDir(), "journal"), journal.Options{Config: journal.DefaultConfig(), Ledger: nowhere{}, Log: log, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := j.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return j
}

// TestPromise2_WholeAnswerForNobody: the client is gone before the answer
// begins. The provider is heard out, and the row says both.
func TestPromise2_WholeAnswerForNobody(t *testing.T) {
	ctx, hangUp := context.WithCancel(t.Context())
	provider := newRawProvider(t, func(_ *http.Request, connection net.Conn) {
		hangUp()
		fmt.Fprintf(connection, "%sContent-Length: %d\r\n\r\n%s", jsonHead, len(wholeAnswer), wholeAnswer)
	})
	handler, _, recorded := bareProxy(t, provider.URL, new(bytes.Buffer))
	request := httptest.NewRequestWithContext(ctx, http.MethodPost, "/v1/messages", strings.NewReader(askWhole))
	handler.ServeHTTP(httptest.NewRecorder(), request)
	if len(*recorded) != 1 {
		t.Fatalf("%d rows", len(*recorded))
	}
	compareRow(t, (*recorded)[0], row(499, "client_hung_up", false, 10, 2))
}

// TestPromise2_AFaultOfOurs holds that even a panic leaves its row and an
// error in the log, and that the client sees a cut connection.
func TestPromise2_AFaultOfOurs(t *testing.T) {
	var log bytes.Buffer
	handler, snapshot, recorded := bareProxy(t, "http://127.0.0.1:1", &log)
	snapshot.Upstreams["provider"] = nil // stands for any mistake after the request was understood
	func() {
		defer func() {
			if fault, _ := recover().(error); !errors.Is(fault, http.ErrAbortHandler) {
				t.Errorf("the server is left with %v", fault)
			}
		}()
		handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/v1/messages", strings.NewReader(askWhole)))
	}()
	if len(*recorded) != 1 {
		t.Fatalf("%d rows", len(*recorded))
	}
	if x := (*recorded)[0]; x.Status != 500 || x.Error != "api_error" || !x.Interrupted || !x.Estimated || x.Upstream != "provider" {
		t.Errorf("the row: %+v", x)
	}
	if !strings.Contains(log.String(), "level=ERROR") || !strings.Contains(log.String(), "nil pointer") {
		t.Errorf("the log: %s", log.String())
	}
}

// faulty is an answer's way to the client with a mistake in it.
type faulty struct {
	http.ResponseWriter
	atWrite bool // where it is; otherwise at the headers
}

func (f faulty) WriteHeader(status int) {
	if !f.atWrite {
		panic("a mistake in the headers")
	}
	f.ResponseWriter.WriteHeader(status)
}

func (f faulty) Write([]byte) (int, error) { panic("a mistake in the body") }

// TestPromise2_AFaultOfOursInTheMiddle: the provider has answered by then, and
// charges for it.
func TestPromise2_AFaultOfOursInTheMiddle(t *testing.T) {
	for name, atWrite := range map[string]bool{"headers": false, "body": true} {
		t.Run(name, func(t *testing.T) {
			provider := newRawProvider(t, stay("200 OK\r\nConnection: close\r\nContent-Type: application/json", wholeAnswer))
			var log bytes.Buffer
			handler, _, _ := bareProxy(t, provider.URL, &log)
			recorded := make(chan *tollgate.Exchange, 1)
			handler.Record = func(x *tollgate.Exchange) { recorded <- x }
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				handler.ServeHTTP(faulty{w, atWrite}, r)
			}))
			if response, err := http.Post(server.URL+"/v1/messages", "application/json", strings.NewReader(askWhole)); err == nil {
				response.Body.Close()
				t.Errorf("the client got %s", response.Status)
			}
			server.Close() // and the log is whole
			x := <-recorded
			compareRow(t, x, row(500, "api_error", true, inputOf(askWhole), 0))
			if !x.Interrupted || x.Upstream != "provider" || len(provider.requests()) != 1 {
				t.Errorf("%d requests arrived; the row: %+v", len(provider.requests()), x)
			}
			if strings.Count(log.String(), "level=ERROR") != 1 || !strings.Contains(log.String(), "a mistake in the "+name) {
				t.Errorf("the log: %s", log.String())
			}
		})
	}
}

// TestPromise1_AFaultOfOursInTheTap: what listens to an answer breaks, at its
// beginning, in its middle or at its end. The answer passes whole, the row is an
// estimate of what was heard, and the log has the fault.
func TestPromise1_AFaultOfOursInTheTap(t *testing.T) {
	events := []string{eventStart, eventText, eventFinal + eventEnd}
	for name, test := range map[string]struct {
		broken int
		input  int64
		output int64
	}{
		"at the beginning": {1, inputOf(askStream), 0},
		"in the middle":    {3, 10, 3},
		"at the end":       {0, inputOf(askStream), 0},
	} {
		t.Run(name, func(t *testing.T) {
			heard := make(chan struct{})
			provider := newRawProvider(t, func(_ *http.Request, connection net.Conn) {
				fmt.Fprint(connection, streamHead)
				for _, event := range events {
					chunk(connection, event)
					<-heard
				}
				fmt.Fprint(connection, "0\r\n\r\n")
			})
			var log bytes.Buffer
			handler, _, _ := bareProxy(t, provider.URL, &log)
			handler.BreakTap(test.broken)
			address, rows := bareServer(t, handler, func(l net.Listener) net.Listener { return l })
			answer := post(t, address, askStream)
			defer answer.Close()
			for _, event := range events {
				got := make([]byte, len(event))
				if _, err := io.ReadFull(answer, got); err != nil || string(got) != event {
					t.Fatalf("%q arrived, %v", got, err)
				}
				heard <- struct{}{}
			}
			if _, err := io.ReadAll(answer); err != nil {
				t.Errorf("the answer was cut: %v", err)
			}
			compareRow(t, awaitRow(t, rows), row(200, "usage_missing", true, test.input, test.output))
			if strings.Count(log.String(), "level=ERROR") != 1 || !strings.Contains(log.String(), "a mistake in the tap") {
				t.Errorf("the log: %s", log.String())
			}
		})
	}
}

func TestReadyTurns(t *testing.T) {
	handler, _, _ := bareProxy(t, "http://127.0.0.1:1", new(bytes.Buffer))
	for _, ready := range []bool{false, true, false} {
		handler.SetReady(ready)
		for path, want := range map[string]bool{"/readyz": ready, "/healthz": true} {
			answer := httptest.NewRecorder()
			handler.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, path, nil))
			if (answer.Code == http.StatusOK) != want {
				t.Errorf("%s is %d while ready is %v", path, answer.Code, ready)
			}
		}
	}
}

// TestNoContentTypeIsGuessed holds that a header which the provider did not
// send is not made up.
func TestNoContentTypeIsGuessed(t *testing.T) {
	t.Parallel()
	provider := newRawProvider(t, stay("200 OK", "<html>"))
	gateway := gatewaytest.Start(t, gatewaytest.Options{Upstream: provider.URL})
	response, err := http.DefaultClient.Do(gateway.Request(t, "/v1/messages", askWhole))
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if kind, there := response.Header["Content-Type"]; there {
		t.Errorf("content type %q", kind)
	}
}
