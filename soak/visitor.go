package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
)

// visitor is a client with one request to make.
type visitor struct {
	*world
	action string
	prompt string
	key    *key
}

func (w *world) visitor(action string) *visitor {
	w.mu.Lock()
	defer w.mu.Unlock()
	return &visitor{world: w, action: action, prompt: fmt.Sprint("soak-", w.asked.Add(1)), key: w.keys[rand.N(len(w.keys))]}
}

// sizes are those of request bodies, in bytes; a request of Claude Code's is
// mostly between the third and the fourth.
var sizes = []int{1 << 10, 4 << 10, 50 << 10, 200 << 10, 1 << 20}

// body is a request for the simulated provider, which obeys the directive.
func body(stream bool, directive string, size int) []byte {
	const code = `func greet(name string) {\n\tfmt.Printf(\"Hello, %s\\n\", name)\n}\n\n`
	return fmt.Appendf(nil, `{"model":"claude-opus-5-5","messages":[{"role":"user","content":"[[simulate: %s]]"}],"system":[{"type":"text","text":"%s"}],"max_tokens":64000,"stream":%v}`,
		directive, strings.Repeat(code, size/len(code)), stream)
}

func anySize() int { return sizes[rand.N(len(sizes))] }

// answer is an answer of so many events.
func answer(events int) string { return fmt.Sprintf("events=%d bytes=%d", events, events*40) }

func (v *visitor) request(ctx context.Context, path string, body io.Reader) (*http.Request, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+v.address+path, body)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+v.key.whole)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Anthropic-Version", "2023-06-01")
	request.Header.Set(promptHeader, v.prompt)
	request.Header.Set("X-Claude-Code-Session-Id", "session-"+strconv.Itoa(rand.N(50)))
	return request, nil
}

// send asks and returns the answer when it has begun.
func (v *visitor) send(ctx context.Context, path string, text []byte) (*http.Response, error) {
	request, err := v.request(ctx, path, bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	return v.do(request)
}

func (v *visitor) do(request *http.Request) (*http.Response, error) {
	response, err := v.transport.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusUnauthorized && strings.HasPrefix(request.URL.Path, "/v1/messages") {
		v.tally.owesRow(v.prompt)
	}
	return response, nil
}

// wants notes a failure unless the answer has this status or is the refusal of a
// budget or a limit, and returns its whole body.
func (v *visitor) wants(status int, response *http.Response, err error) []byte {
	if err != nil {
		v.failed("%v", withoutAddress(err))
		return nil
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	switch {
	case response.StatusCode == http.StatusUnauthorized && v.key.gone.Load():
	case response.StatusCode == http.StatusTooManyRequests && status != http.StatusTooManyRequests:
		v.tally.did(whyRefused(text))
	case response.StatusCode != status:
		v.failed("status %d instead of %d: %.120s", response.StatusCode, status, text)
	case err != nil:
		v.failed("an answer broke off: %v", withoutAddress(err))
	}
	return text
}

// whyRefused says which of the gateway's gates it was.
func whyRefused(text []byte) string {
	if bytes.Contains(text, []byte(`"billing_error"`)) {
		return refusedForMoney
	}
	return refusedForPace
}

// withoutAddress keeps the ports of clients out of sentences that are counted.
func withoutAddress(err error) string {
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(err) {
		err = inner
	}
	return err.Error()
}
