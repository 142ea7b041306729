package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"tollgate/internal/eventstream"
)

// answerHeader tells the sink which of its answers to give. It passes through
// a gateway because request headers are an open list.
const answerHeader = "X-Bench-Answer"

const (
	burstEvents = 200
	shortEvents = 8
	slowEvents  = 120
	slowPace    = 500 * time.Millisecond
)

// countPath tells how many requests the sink has had to its end.
const countPath = "/count"

// calmThink is how long the sink thinks where a model would.
const calmThink = 20 * time.Millisecond

// sink is the lean provider: it reads the request to its end and gives an
// answer that was computed beforehand.
func sink() http.Handler {
	message, burst, short := message(), stream(burstEvents), stream(shortEvents)
	slow := events(stream(slowEvents))
	frames := framed(events(burst))
	var count atomic.Int64
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == countPath {
			fmt.Fprint(w, count.Load())
			return
		}
		if _, err := io.Copy(io.Discard, r.Body); err == nil && r.Method == http.MethodPost {
			count.Add(1)
		}
		w.Header().Set("Request-Id", "req_011CSHoEeqs5C35K2UUqR7Fy")
		switch r.Header.Get(answerHeader) {
		case "burst":
			if strings.HasSuffix(r.URL.Path, "/invoke-with-response-stream") {
				reply(w, "application/vnd.amazon.eventstream", frames)
				return
			}
			reply(w, "text/event-stream; charset=utf-8", burst)
		case "calm":
			time.Sleep(calmThink)
			reply(w, "text/event-stream; charset=utf-8", short)
		case "short":
			reply(w, "text/event-stream; charset=utf-8", short)
		case "slow":
			drip(w, r, slow)
		default:
			reply(w, "application/json", message)
		}
	})
}

func events(stream []byte) [][]byte { return bytes.SplitAfter(stream, []byte("\n\n")) }

// framed is a stream as Bedrock sends it.
func framed(events [][]byte) (out []byte) {
	for _, event := range events {
		if _, data, found := bytes.Cut(event, []byte("data: ")); found {
			payload := fmt.Appendf(nil, `{"bytes":%q,"p":"abcdefghijklmnop"}`, base64.StdEncoding.EncodeToString(bytes.TrimSpace(data)))
			out = eventstream.Append(out, []eventstream.Header{
				{Name: ":event-type", Value: "chunk"}, {Name: ":content-type", Value: "application/json"}, {Name: ":message-type", Value: "event"},
			}, payload)
		}
	}
	return out
}

func reply(w http.ResponseWriter, contentType string, answer []byte) {
	w.Header().Set("Content-Type", contentType)
	w.Write(answer)
}

// drip sends one event at a time at the pace of a model that thinks.
func drip(w http.ResponseWriter, r *http.Request, events [][]byte) {
	w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	flush := http.NewResponseController(w).Flush
	pace := time.NewTicker(slowPace)
	defer pace.Stop()
	for _, event := range events {
		w.Write(event)
		flush()
		select {
		case <-pace.C:
		case <-r.Context().Done():
			return
		}
	}
}

const usage = `{"input_tokens":412,"cache_creation_input_tokens":1024,"cache_read_input_tokens":20480,` +
	`"cache_creation":{"ephemeral_5m_input_tokens":1024,"ephemeral_1h_input_tokens":0},"output_tokens":%d,"service_tier":"standard"}`

// message is a whole answer of about 1 KB.
func message() []byte {
	return fmt.Appendf(nil, `{"id":"msg_01XFDUDYJgAACzvnptvVoYEL","type":"message","role":"assistant","model":%q,`+
		`"content":[{"type":"text","text":"%s"}],"stop_reason":"end_turn","stop_sequence":null,"usage":`+usage+`}`,
		model, text(620), 180)
}

// stream is a whole streamed answer of n events, n at least 5.
func stream(n int) []byte {
	var out strings.Builder
	event := func(kind, rest string) {
		fmt.Fprintf(&out, "event: %s\ndata: {\"type\":%q%s}\n\n", kind, kind, rest)
	}
	event("message_start", fmt.Sprintf(`,"message":{"id":"msg_01XFDUDYJgAACzvnptvVoYEL","type":"message","role":"assistant","model":%q,`+
		`"content":[],"stop_reason":null,"stop_sequence":null,"usage":`+usage+`}`, model, 1))
	event("content_block_start", `,"index":0,"content_block":{"type":"text","text":""}`)
	for range n - 5 {
		event("content_block_delta", `,"index":0,"delta":{"type":"text_delta","text":" and then some words"}`)
	}
	event("content_block_stop", `,"index":0`)
	event("message_delta", fmt.Sprintf(`,"delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":`+usage, 4*n))
	event("message_stop", "")
	return []byte(out.String())
}
