package proxy_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"tollgate"
	"tollgate/internal/meter"
)

// noon is when the tests' clocks start.
var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// clock is a time that passes when it is told to.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) read() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// post sends a request to a bare server and returns the answer's body.
func post(t *testing.T, address, ask string) io.ReadCloser {
	t.Helper()
	response, err := http.Post("http://"+address+"/v1/messages", "application/json", strings.NewReader(ask))
	if err != nil {
		t.Fatal(err)
	}
	return response.Body
}

// TestHowLongItTook: three seconds to the first byte of a stream and four more
// to its end are three and seven in the row.
func TestHowLongItTook(t *testing.T) {
	t.Parallel()
	c := &clock{now: noon}
	heard := make(chan struct{})
	provider := newRawProvider(t, func(_ *http.Request, connection net.Conn) {
		c.pass(3 * time.Second)
		fmt.Fprint(connection, streamHead)
		chunk(connection, eventStart)
		<-heard
		c.pass(4 * time.Second)
		chunk(connection, eventFinal+eventEnd)
		fmt.Fprint(connection, "0\r\n\r\n")
	})
	handler, _, _ := bareProxy(t, provider.URL, new(bytes.Buffer))
	handler.Now = c.read
	address, rows := bareServer(t, handler, func(l net.Listener) net.Listener { return l })
	answer := post(t, address, askStream)
	defer answer.Close()
	if _, err := io.ReadFull(answer, make([]byte, len(eventStart))); err != nil {
		t.Fatal(err)
	}
	close(heard)
	if _, err := io.ReadAll(answer); err != nil {
		t.Fatal(err)
	}
	if x := awaitRow(t, rows); !x.Time.Equal(noon) || x.FirstByte != 3*time.Second || x.Duration != 7*time.Second {
		t.Errorf("began %v, first byte after %v, all after %v", x.Time, x.FirstByte, x.Duration)
	}
}

// TestHowLongAWholeAnswerTook, of which all comes at once.
func TestHowLongAWholeAnswerTook(t *testing.T) {
	t.Parallel()
	c := &clock{now: noon}
	provider := newRawProvider(t, func(_ *http.Request, connection net.Conn) {
		c.pass(3 * time.Second)
		fmt.Fprintf(connection, "%sContent-Length: %d\r\n\r\n%s", jsonHead, len(wholeAnswer), wholeAnswer)
	})
	handler, _, _ := bareProxy(t, provider.URL, new(bytes.Buffer))
	handler.Now = c.read
	address, rows := bareServer(t, handler, func(l net.Listener) net.Listener { return l })
	post(t, address, askWhole).Close()
	if x := awaitRow(t, rows); x.FirstByte != 3*time.Second || x.Duration != 3*time.Second {
		t.Errorf("first byte after %v, all after %v", x.FirstByte, x.Duration)
	}
}

// TestPromise3_ThePriceIsTheOneOfTheRequest: it is what was in force when the
// request was made, also when another was by the time it was answered.
func TestPromise3_ThePriceIsTheOneOfTheRequest(t *testing.T) {
	t.Parallel()
	midnight := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	book, problems := meter.NewBook(meter.Config{Multiplier: "1.0", Unknown: meter.Refuse, Overrides: []meter.Override{{
		Model: "claude-opus-5-5", From: "2026-12-01",
		Input: "100", Output: "500", CacheWrite5m: "125", CacheWrite1h: "200", CacheRead: "10",
	}}})
	if problems != nil {
		t.Fatal(problems)
	}
	for name, test := range map[string]struct {
		begins time.Time
		cost   tollgate.Money
	}{
		"before the change": {midnight.Add(-time.Second), 10*inputPrice + 2*outputPrice},
		"after it":          {midnight, 10*100_000 + 2*500_000},
	} {
		t.Run(name, func(t *testing.T) {
			c := &clock{now: test.begins}
			provider := newRawProvider(t, func(_ *http.Request, connection net.Conn) {
				c.pass(time.Minute)
				fmt.Fprintf(connection, "%sContent-Length: %d\r\n\r\n%s", jsonHead, len(wholeAnswer), wholeAnswer)
			})
			handler, snapshot, _ := bareProxy(t, provider.URL, new(bytes.Buffer))
			snapshot.Book, handler.Now = book, c.read
			address, rows := bareServer(t, handler, func(l net.Listener) net.Listener { return l })
			post(t, address, askWhole).Close()
			if x := awaitRow(t, rows); x.Cost != test.cost {
				t.Errorf("it cost %v, want %v", x.Cost, test.cost)
			}
		})
	}
}
