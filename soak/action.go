package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"time"
)

func (v *visitor) stream(ctx context.Context) {
	response, err := v.send(ctx, "/v1/messages?beta=true", body(true, answer(10+rand.N(200)), anySize()))
	text := v.wants(http.StatusOK, response, err)
	if err == nil && response.StatusCode == http.StatusOK && !bytes.Contains(text, []byte("message_stop")) {
		v.failed("a stream ended without its last event")
	}
}

func (v *visitor) whole(ctx context.Context) {
	response, err := v.send(ctx, "/v1/messages", body(false, answer(10+rand.N(100)), anySize()))
	text := v.wants(http.StatusOK, response, err)
	if err == nil && response.StatusCode == http.StatusOK && !bytes.Contains(text, []byte("stop_reason")) {
		v.failed("an answer is not whole")
	}
}

func (v *visitor) countTokens(ctx context.Context) {
	response, err := v.send(ctx, "/v1/messages/count_tokens", body(false, "", anySize()))
	v.wants(http.StatusOK, response, err)
}

func (v *visitor) models(ctx context.Context) {
	request, err := v.request(ctx, "/v1/models", nil)
	if err != nil {
		v.failed("%v", err)
		return
	}
	request.Method = http.MethodGet
	response, err := v.do(request)
	v.wants(http.StatusOK, response, err)
}

// leaveStream hangs up somewhere in the answer.
func (v *visitor) leaveStream(ctx context.Context) {
	ctx, hangUp := context.WithCancel(ctx)
	defer hangUp()
	response, err := v.send(ctx, "/v1/messages", body(true, answer(200)+" pace=2ms", anySize()))
	if err != nil {
		v.failed("%v", withoutAddress(err))
		return
	}
	_, _ = io.CopyN(io.Discard, response.Body, rand.N[int64](20_000))
	hangUp()
	_ = response.Body.Close()
}

// leaveWaiting hangs up before the answer begins, or just then.
func (v *visitor) leaveWaiting(ctx context.Context) {
	ctx, hangUp := context.WithTimeout(ctx, rand.N(300*time.Millisecond))
	defer hangUp()
	response, err := v.send(ctx, "/v1/messages", body(rand.N(2) == 0, answer(5)+" delay=200ms", anySize()))
	if err == nil {
		_, _ = io.Copy(io.Discard, response.Body)
		_ = response.Body.Close()
	}
}

// leaveUpload sends a part of a request and hangs up, or resets the connection.
func (v *visitor) leaveUpload(ctx context.Context) {
	text := body(true, answer(5), anySize())
	request, err := v.request(ctx, "/v1/messages", bytes.NewReader(text))
	if err != nil {
		v.failed("%v", err)
		return
	}
	var whole bytes.Buffer
	_ = request.Write(&whole)
	connection, err := net.Dial("tcp", v.address)
	if err != nil {
		v.failed("%v", withoutAddress(err))
		return
	}
	defer connection.Close()
	_, _ = connection.Write(whole.Bytes()[:rand.N(whole.Len()-1)+1])
	if rand.N(2) == 0 {
		_ = connection.(*net.TCPConn).SetLinger(0)
	}
}

// readSlowly takes some seconds for what could be had at once. Its connection
// is not used again: the gateway, which was done long before, may be closing it.
func (v *visitor) readSlowly(ctx context.Context) {
	request, err := v.request(ctx, "/v1/messages", bytes.NewReader(body(true, "events=2000 bytes=600000 pace=0s", sizes[1])))
	if err != nil {
		v.failed("%v", err)
		return
	}
	request.Close = true
	response, err := v.do(request)
	if err != nil {
		v.failed("%v", withoutAddress(err))
		return
	}
	slow := &slowReader{ctx: ctx, from: response.Body}
	response.Body = struct {
		io.Reader
		io.Closer
	}{slow, response.Body}
	v.wants(http.StatusOK, response, nil)
}

// slowReader pauses before every read.
type slowReader struct {
	ctx  context.Context
	from io.Reader
}

func (r *slowReader) Read(p []byte) (int, error) {
	pause(r.ctx, 20*time.Millisecond)
	return r.from.Read(p[:min(len(p), 8<<10)])
}

// writeSlowly sends its request in pieces.
func (v *visitor) writeSlowly(ctx context.Context) {
	text := body(true, answer(20), sizes[2])
	request, err := v.request(ctx, "/v1/messages", &slowReader{ctx, bytes.NewReader(text)})
	if err != nil {
		v.failed("%v", err)
		return
	}
	request.ContentLength = int64(len(text))
	if rand.N(2) == 0 {
		request.ContentLength = -1
	}
	response, err := v.do(request)
	v.wants(http.StatusOK, response, err)
}

// refusedByProvider passes the provider's own answer on.
func (v *visitor) refusedByProvider(ctx context.Context) {
	status := []int{400, 413, 429, 500, 503, 529}[rand.N(6)]
	response, err := v.send(ctx, "/v1/messages", body(rand.N(2) == 0, fmt.Sprintf("status=%d", status), anySize()))
	v.wants(status, response, err)
}

// breaks are how a provider's answer goes wrong after it has begun, or instead.
var breaks = []string{
	"events=50 cut.after_events=3 cut.how=reset",
	"events=50 cut.after_events=20 cut.how=close",
	"events=50 cut.after_events=20 cut.how=eof",
	"events=50 cut.after_bytes=0 cut.how=reset",
	"events=50 error_event.after_events=4 error_event.type=overloaded_error",
	"events=50 silence.after_events=2 silence.for=1500ms",
	"events=50 first_event_delay=1s",
	"events=50 delay=1s",
	"events=50 usage.omit=[output_tokens]",
	"raw=nonsense",
}

// brokenByProvider takes what comes.
func (v *visitor) brokenByProvider(ctx context.Context) {
	response, err := v.send(ctx, "/v1/messages", body(rand.N(4) > 0, breaks[rand.N(len(breaks))], anySize()))
	if err != nil {
		return // the gateway breaks off where the provider did
	}
	_, err = io.Copy(io.Discard, response.Body)
	if errors.Is(err, context.DeadlineExceeded) {
		v.failed("it did not end within %v", patience)
	}
	_ = response.Body.Close()
}

// badRequest is refused by the gateway itself.
func (v *visitor) badRequest(ctx context.Context) {
	good := body(true, answer(5), sizes[1])
	mistakes := []struct {
		path, key string
		text      []byte
		status    int
	}{
		{"/v1/messages", v.key.whole, good[:len(good)/2], http.StatusBadRequest},
		{"/v1/messages", v.key.whole, []byte(`{"messages":[]}`), http.StatusBadRequest},
		{"/v1/messages", v.key.whole, bytes.Replace(good, []byte("claude-opus-5-5"), []byte("gpt-11"), 1), http.StatusNotFound},
		{"/v1/messages", "", good, http.StatusUnauthorized},
		{"/v1/messages", v.key.whole + "x", good, http.StatusUnauthorized},
		{"/v1/complete", v.key.whole, good, http.StatusNotFound},
	}
	mistake := mistakes[rand.N(len(mistakes))]
	v.key = &key{v.key.id, mistake.key, v.key.gone}
	response, err := v.send(ctx, mistake.path, mistake.text)
	v.wants(mistake.status, response, err)
}
