package proxy_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"tollgate/internal/secret"
	"tollgate/internal/upstream"
	"tollgate/internal/upstream/capability"
)

// TestContract3_4_PingsInSilences: Bedrock sends none, and a client that hears
// nothing gives up; so it is told that the stream goes on, between two events and
// never inside of one.
func TestContract3_4_PingsInSilences(t *testing.T) {
	t.Parallel()
	const ping = "event: ping\ndata: {\"type\": \"ping\"}\n\n"
	heard := make(chan struct{})
	provider := newRawProvider(t, func(_ *http.Request, connection net.Conn) {
		fmt.Fprint(connection, strings.Replace(streamHead, "text/event-stream", "application/vnd.amazon.eventstream", 1))
		chunk(connection, framed(eventStart)+framed(eventText)[:20]) // the second one is not whole yet
		<-heard
		chunk(connection, framed(eventText)[20:]+framed(eventFinal)+framed(eventEnd))
		fmt.Fprint(connection, "0\r\n\r\n")
	})
	handler, snapshot, _ := bareProxy(t, "http://127.0.0.1:1", new(bytes.Buffer))
	place, err := upstream.New(upstream.Config{
		Name: "provider", Provider: "bedrock", Region: "eu-central-1", BaseURL: provider.URL, Bearer: secret.New("k"), FirstByte: time.Minute,
	}, capability.NewBook(time.Now), time.Now, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(place.Close)
	snapshot.Upstreams["provider"] = place
	handler.SetSilenceBound(20 * time.Millisecond)
	address, rows := bareServer(t, handler, func(l net.Listener) net.Listener { return l })
	response, err := http.Post("http://"+address+"/v1/messages", "application/json", strings.NewReader(askStream))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	from := bufio.NewReader(response.Body)
	var got strings.Builder
	for !strings.Contains(got.String(), ping) {
		line, err := from.ReadString('\n')
		if got.WriteString(line); err != nil {
			t.Fatalf("%q %v", got.String(), err)
		}
	}
	close(heard)
	rest, err := io.ReadAll(from)
	got.Write(rest)
	if all := strings.ReplaceAll(got.String(), ping, ""); err != nil || all != eventStart+eventText+eventFinal+eventEnd {
		t.Errorf("%q %v", got.String(), err)
	}
	if x := awaitRow(t, rows); x.Error != "" || x.Usage.Output != 2 {
		t.Errorf("the row: %+v", x)
	}
}
