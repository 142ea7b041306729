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
)

// writes is a listener that keeps what its connections write, write by write.
type writes struct {
	net.Listener

	mu  sync.Mutex
	all []string
}

type writeConn struct {
	net.Conn
	kept *writes
}

func (w *writes) Accept() (net.Conn, error) {
	connection, err := w.Listener.Accept()
	return &writeConn{connection, w}, err
}

func (c *writeConn) Write(p []byte) (int, error) {
	c.kept.mu.Lock()
	c.kept.all = append(c.kept.all, string(p))
	c.kept.mu.Unlock()
	return c.Conn.Write(p)
}

func (w *writes) first() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.all[0]
}

// patientServer serves a gateway whose streams' headers wait so long.
func patientServer(t *testing.T, patience time.Duration, answer func(net.Conn)) (url string, kept *writes) {
	t.Helper()
	provider := newRawProvider(t, func(_ *http.Request, connection net.Conn) { answer(connection) })
	handler, _, _ := bareProxy(t, provider.URL, new(bytes.Buffer))
	handler.SetHeaderPatience(patience)
	address, _ := bareServer(t, handler, func(l net.Listener) net.Listener {
		kept = &writes{Listener: l}
		return kept
	})
	return "http://" + address + "/v1/messages", kept
}

// TestAStreamsHeadersLeaveWithItsFirstEvent saves a write and a segment for
// nearly every stream.
func TestAStreamsHeadersLeaveWithItsFirstEvent(t *testing.T) {
	t.Parallel()
	url, kept := patientServer(t, time.Hour, func(connection net.Conn) {
		fmt.Fprint(connection, streamHead)
		chunk(connection, eventStart)
		chunk(connection, eventFinal+eventEnd)
		fmt.Fprint(connection, "0\r\n\r\n")
	})
	response, err := http.Post(url, "application/json", strings.NewReader(askStream))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if answer, err := io.ReadAll(response.Body); err != nil || string(answer) != eventStart+eventFinal+eventEnd {
		t.Errorf("answered %q, %v", answer, err)
	}
	if first := kept.first(); !strings.HasPrefix(first, "HTTP/1.1 200") || !strings.Contains(first, eventStart) {
		t.Errorf("the first write: %q", first)
	}
}

// TestAStreamsHeadersDoNotWaitForEver for an event that does not come.
func TestAStreamsHeadersDoNotWaitForEver(t *testing.T) {
	t.Parallel()
	goOn := make(chan struct{})
	url, _ := patientServer(t, time.Millisecond, func(connection net.Conn) {
		fmt.Fprint(connection, streamHead)
		<-goOn
		chunk(connection, eventStart+eventFinal+eventEnd)
		fmt.Fprint(connection, "0\r\n\r\n")
	})
	response, err := http.Post(url, "application/json", strings.NewReader(askStream)) // returns when the headers are there
	close(goOn)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if answer, err := io.ReadAll(response.Body); err != nil || string(answer) != eventStart+eventFinal+eventEnd {
		t.Errorf("answered %q, %v", answer, err)
	}
}

// TestAStreamWithoutEventsHasItsHeaders: what the provider began is passed on,
// also where it is cut before its first event.
func TestAStreamWithoutEventsHasItsHeaders(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]string{"ended": "0\r\n\r\n", "cut": ""} {
		url, _ := patientServer(t, time.Hour, func(connection net.Conn) { fmt.Fprint(connection, streamHead+end) })
		response, err := http.Post(url, "application/json", strings.NewReader(askStream))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		_, err = io.ReadAll(response.Body)
		response.Body.Close()
		if cut := err != nil; response.StatusCode != http.StatusOK || cut != (end == "") {
			t.Errorf("%s: %s, %v", name, response.Status, err)
		}
	}
}
