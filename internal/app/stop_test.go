package app_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tollgate"
	"tollgate/internal/gatewaytest"
	"tollgate/internal/store"
)

// TestPromise7_StopLetsAStreamFinish, in both protocols: nobody new is let in,
// who is there is served to the end, and every row is stored.
func TestPromise7_StopLetsAStreamFinish(t *testing.T) {
	t.Parallel()
	h2 := new(http.Protocols)
	h2.SetUnencryptedHTTP2(true)
	for name, transport := range map[string]*http.Transport{"HTTP/1.1": {}, "HTTP/2.0": {Protocols: h2}} {
		t.Run(name, func(t *testing.T) {
			p := newProvider(t)
			gateway := gatewaytest.Start(t, gatewaytest.Options{Upstream: p.URL})
			stream := openStream(t, gateway, &http.Client{Transport: transport})
			defer stream.Body.Close()
			if stream.Proto != name {
				t.Fatal(stream.Proto)
			}
			stopped := make(chan error, 1)
			go func() { stopped <- gateway.App().Stop(context.Background()) }()
			untilNotReady(t, gateway)
			refusesWork(t, gateway)
			close(p.goOn)
			if rest, err := io.ReadAll(stream.Body); err != nil || string(rest) != eventEnd {
				t.Errorf("the stream ended with %q, %v", rest, err)
			}
			if err := <-stopped; err != nil {
				t.Error(err)
			}
			rows := stored(t, gateway.Dir)
			if len(rows) != 1 || rows[0].Estimated || rows[0].Error != "" || int64(rows[0].Cost) != answerCost {
				t.Errorf("%+v", rows)
			}
		})
	}
}

// refusesWork: whoever asks during a drain is told to ask again, on another
// connection, which finds another process.
func refusesWork(t *testing.T, gateway *gatewaytest.Gateway) {
	t.Helper()
	for _, path := range []string{"/v1/messages", "/v1/messages/count_tokens"} {
		response, err := http.DefaultClient.Do(gateway.Request(t, path, askWhole))
		if err != nil {
			t.Fatal(err)
		}
		answer, err := io.ReadAll(response.Body)
		response.Body.Close()
		if response.StatusCode != http.StatusServiceUnavailable || !strings.Contains(string(answer), "restarted") || err != nil {
			t.Errorf("%s: new work gets %d %s, %v", path, response.StatusCode, answer, err)
		}
		if response.Header.Get("Retry-After") != "1" || response.Header.Get("X-Should-Retry") != "" || !response.Close {
			t.Errorf("%s: the connection is closed: %v; %v", path, response.Close, response.Header)
		}
	}
}

// TestPromise2_StopThatMayNotWait cuts what is under way, be there a client or
// not, and stores every row: as estimates, with the reason.
func TestPromise2_StopThatMayNotWait(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	gateway := gatewaytest.Start(t, gatewaytest.Options{Upstream: p.URL})
	const each = 20
	var streams []*http.Response
	answers := make(chan error, each)
	for range each {
		stream := openStream(t, gateway, http.DefaultClient)
		defer stream.Body.Close()
		streams = append(streams, stream)
		whole := gateway.Request(t, "/v1/messages", askWhole)
		whole.Header.Set("X-Wait", "whole")
		go func() {
			response, err := http.DefaultClient.Do(whole)
			if err == nil {
				response.Body.Close()
			}
			answers <- err
		}()
	}
	for range 2 * each {
		<-p.arrived
	}
	stopAtOnce(t, gateway)
	for _, stream := range streams {
		if _, err := io.ReadAll(stream.Body); err == nil {
			t.Error("a stream that was cut looks like one that ended")
		}
		if err := <-answers; err == nil {
			t.Error("a whole answer that was cut looks like an answer")
		}
	}
	rows := stored(t, gateway.Dir)
	if len(rows) != 2*each {
		t.Fatalf("%d rows", len(rows))
	}
	for _, x := range rows {
		if !x.Estimated || x.Usage.Input == 0 || x.Cost == 0 || x.Error != "gateway_stopped" || !x.Interrupted {
			t.Errorf("%+v", x)
		}
	}
}

func TestAStopReadsTheDrainInForce(t *testing.T) {
	t.Parallel()
	gateway := gatewaytest.Start(t, gatewaytest.Options{Upstream: "http://127.0.0.1:1"})
	if err := gateway.Reload(t, gatewaytest.Options{Upstream: "http://127.0.0.1:1", Config: "limits: {drain: 3s}\n"}); err != nil {
		t.Fatal(err)
	}
	if drain := gateway.App().Drain(); drain != 3*time.Second {
		t.Errorf("the drain in force is %s", drain)
	}
}

// stopAtOnce stops without giving anybody time to finish.
func stopAtOnce(t *testing.T, gateway *gatewaytest.Gateway) {
	t.Helper()
	over, cancel := context.WithCancel(context.Background())
	cancel()
	stopped := make(chan error, 1)
	go func() { stopped <- gateway.App().Stop(over) }()
	select {
	case err := <-stopped:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("it does not stop")
	}
}

// untilNotReady returns once /readyz says that no more work is taken.
func untilNotReady(t *testing.T, gateway *gatewaytest.Gateway) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); {
		response, err := http.Get(gateway.URL + "/readyz")
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode == http.StatusServiceUnavailable {
			return
		}
	}
	t.Fatal("it stays ready")
}

// stored is what stands in the ledger of a gateway that has stopped.
func stored(t *testing.T, folder string) []*tollgate.Exchange {
	t.Helper()
	s, err := store.Open(t.Context(), filepath.Join(folder, store.File))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	rows, _, err := s.Requests(t.Context(), tollgate.RequestQuery{Limit: 1_000_000})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// TestStopOnNothing: a client that has connected and says nothing, or half of
// its headers, is not waited for longer than the stop may take.
func TestStopOnNothing(t *testing.T) {
	t.Parallel()
	gateway := gatewaytest.Start(t, gatewaytest.Options{Config: nowhere})
	for _, said := range []string{"", "POST /v1/mess"} {
		connection, err := net.Dial("tcp", strings.TrimPrefix(gateway.URL, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer connection.Close()
		if _, err := io.WriteString(connection, said); err != nil {
			t.Fatal(err)
		}
	}
	stopAtOnce(t, gateway)
}

// TestPromise2_NothingBeginsAfterTheEnd: a request that comes on a connection
// which the stop has not seen is dropped, since nobody would keep its record.
func TestPromise2_NothingBeginsAfterTheEnd(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	gateway := gatewaytest.Start(t, gatewaytest.Options{Upstream: p.URL})
	request := gateway.Request(t, "/v1/messages", askWhole)
	gateway.Stop(t)
	answer := httptest.NewRecorder()
	defer func() {
		if fault := recover(); fault != http.ErrAbortHandler || answer.Body.Len() > 0 {
			t.Errorf("it ends with %v, after %q", fault, answer.Body)
		}
	}()
	gateway.App().DataPlane().ServeHTTP(answer, request)
}
