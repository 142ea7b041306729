package doctor

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// What the stream of test events is like: in all 1.2 s long.
const (
	testEvents = 5
	testPause  = 300 * time.Millisecond
)

// arrivals are when the events of a stream came, and what they were.
type arrivals struct {
	at    []time.Time
	text  string
	cut   error
	reply reply
}

func (v *visit) listen(ctx context.Context, q question, event string) (got arrivals, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience+v.Silence)
	defer cancel()
	request, err := v.request(ctx, q)
	if err != nil {
		return got, err
	}
	response, err := v.client.Do(request)
	if err != nil {
		return got, err
	}
	defer response.Body.Close()
	got.reply = reply{Response: response}
	lines := bufio.NewScanner(response.Body)
	lines.Buffer(nil, 1<<20)
	var text strings.Builder
	for lines.Scan() {
		text.WriteString(lines.Text() + "\n")
		if strings.HasPrefix(lines.Text(), event) {
			got.at = append(got.at, v.Now())
		}
	}
	got.text, got.cut = text.String(), lines.Err()
	got.reply.body = []byte(got.text)
	return got, nil
}

// checkStream: each event has to come when it is sent. Together they would make the
// client look stalled.
func checkStream(v *visit, ctx context.Context) {
	if !v.tollgate {
		v.checkStreamElsewhere(ctx)
		return
	}
	got, err := v.listen(ctx, question{path: fmt.Sprintf("/tollgate/stream?events=%d&pause=%s&silence=%s", testEvents, testPause, testPause)}, "event: tick")
	if err != nil {
		says, remedy := explain(v.URL, err)
		v.report("stream", Failed, says, remedy)
		return
	}
	const passOn = "have every proxy in between pass streams on as they come (nginx: proxy_buffering off)"
	switch {
	case got.reply.StatusCode != http.StatusOK:
		v.report("stream", Failed, v.otherwise(got.reply), "look for what stands between this machine and the gateway")
	case got.reply.Header.Get("Content-Encoding") != "":
		v.report("stream", Failed, "the stream is compressed on the way", "have text/event-stream left alone by what compresses")
	case len(got.at) < testEvents:
		v.report("stream", Failed, fmt.Sprintf("the stream is cut: %d of %d events came", len(got.at), testEvents), passOn)
	case got.at[testEvents-1].Sub(got.at[0]) < (testEvents-1)*testPause/2:
		v.report("stream", Failed, "the events of a stream are held back and come together", passOn)
	case strings.Count(got.text, ": keepalive") != testEvents || strings.Count(got.text, `{"type":"ping"}`) != testEvents:
		v.report("stream", Failed, "pings or comments are taken out of streams", "have the proxy in between pass streams on byte for byte: without pings the client gives long answers up")
	default:
		v.report("stream", OK, "events come one by one, with pings between", "")
	}
}

// checkStreamElsewhere asks a model for a few words in a stream.
func (v *visit) checkStreamElsewhere(ctx context.Context) {
	if !v.Spend || len(v.models)+len(v.Models) == 0 {
		v.report("stream", Skipped, "needs a real answer, which costs money", "try with --yes, and --model if the gateway lists none")
		return
	}
	model := append(v.Models, v.models...)[0]
	body, _ := json.Marshal(map[string]any{"model": model, "max_tokens": 200, "stream": true, "messages": []any{map[string]string{"role": "user", "content": "Count from 1 to 60, in words."}}}) // such values always marshal
	begun := v.Now()
	got, err := v.listen(ctx, question{method: http.MethodPost, path: "/v1/messages", body: body}, "event:")
	switch {
	case err != nil:
		says, remedy := explain(v.URL, err)
		v.report("stream", Failed, says, remedy)
	case got.reply.StatusCode != http.StatusOK:
		v.report("stream", Failed, v.otherwise(got.reply), "look for what stands between this machine and the gateway")
	case !strings.Contains(got.text, "event: message_stop"):
		v.report("stream", Failed, "the stream ends before its last event", "have every proxy in between pass streams on to their end")
	case got.at[0].Sub(begun) > time.Second && got.at[len(got.at)-1].Sub(got.at[0]) < 20*time.Millisecond:
		v.report("stream", Warning, fmt.Sprintf("all %d events came within 20 ms: something may hold streams back", len(got.at)), "have every proxy in between pass streams on as they come (nginx: proxy_buffering off)")
	default:
		v.report("stream", OK, fmt.Sprintf("%d events, one after the other", len(got.at)), "")
	}
}

// checkSilence: while a model thinks nothing may come for a while, but for pings.
func checkSilence(v *visit, ctx context.Context) {
	if v.Silence <= 0 {
		v.report("silence", Skipped, "not asked for", "")
		return
	}
	got, err := v.listen(ctx, question{path: fmt.Sprintf("/tollgate/stream?events=2&pause=0s&silence=%s", v.Silence)}, "event: tick")
	if err != nil || got.reply.StatusCode == http.StatusOK && len(got.at) < 2 {
		v.report("silence", Failed, fmt.Sprintf("a stream in which nothing comes for %s is cut", v.Silence), "have every proxy in between wait for five minutes at least (nginx: proxy_read_timeout 6m)")
		return
	}
	if got.reply.StatusCode != http.StatusOK {
		v.report("silence", Failed, v.otherwise(got.reply), "look for what stands between this machine and the gateway")
		return
	}
	v.report("silence", OK, fmt.Sprintf("%s without a word do not end a stream", v.Silence), "")
}
