package alert

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"tollgate"
	"tollgate/internal/secret"
)

// arrived is a request as it arrived.
type arrived struct {
	header http.Header
	path   string
	body   []byte
}

// recording answers with the statuses, one after the other and then 200, and
// passes on what arrives.
func recording(statuses ...int) (http.HandlerFunc, <-chan arrived) {
	requests := make(chan arrived, 100)
	left := make(chan int, len(statuses))
	for _, status := range statuses {
		left <- status
	}
	return func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		select {
		case status := <-left:
			w.WriteHeader(status)
		default:
		}
		requests <- arrived{r.Header, r.Method + " " + r.URL.RequestURI(), body}
	}, requests
}

// genuine is what a receiver does.
func genuine(t *testing.T, r arrived, key []byte) {
	t.Helper()
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(r.header.Get("webhook-id") + "." + r.header.Get("webhook-timestamp") + "." + string(r.body)))
	if want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)); r.header.Get("webhook-signature") != want {
		t.Errorf("the signature is %q, want %q", r.header.Get("webhook-signature"), want)
	}
	stamp, err := strconv.ParseInt(r.header.Get("webhook-timestamp"), 10, 64)
	if age := time.Since(time.Unix(stamp, 0)); err != nil || age < -time.Minute || age > 10*time.Minute {
		t.Errorf("the timestamp is %q", r.header.Get("webhook-timestamp"))
	}
}

func TestWebhook(t *testing.T) {
	whole := example()
	whole.Member = tollgate.Scope{Kind: tollgate.ScopeDeveloper, Name: "ann@example.com"}
	whole.Text.Models, whole.Text.Hard = []string{"claude-<opus>-*"}, true
	total := example()
	total.Start, total.Text.Reset, total.Text.Period = time.Time{}, time.Time{}, tollgate.PeriodTotal
	for name, test := range map[string]struct {
		message Message
		want    string
	}{
		"member": {newMessage(whole, berlin(t)), `{"type":"budget.threshold","id":"` + whole.ID() + `","raised_at":"2026-11-23T10:00:00Z",` +
			`"text":"developer ann@example.com has spent 80 % of the monthly budget for claude-<opus>-* that every member of team core has: $402.10 of $500.00; it begins anew on 2026-12-01 00:00 (Europe/Berlin).",` +
			`"budget":"bgt_1","scope":"team:core","member":"developer:ann@example.com","period":"month","models":["claude-<opus>-*"],"hard":true,` +
			`"threshold":80,"limit_nano_usd":500000000000,"spent_nano_usd":402103881000,"starts_at":"2026-11-23T09:00:00Z","resets_at":"2026-11-30T23:00:00Z"}`},
		"shared total": {newMessage(total, time.UTC), `{"type":"budget.threshold","id":"` + total.ID() + `","raised_at":"2026-11-23T10:00:00Z",` +
			`"text":"team core has spent 80 % of its total budget: $402.10 of $500.00; it does not begin anew.",` +
			`"budget":"bgt_1","scope":"team:core","member":null,"period":"total","models":[],"hard":false,` +
			`"threshold":80,"limit_nano_usd":500000000000,"spent_nano_usd":402103881000,"starts_at":null,"resets_at":null}`},
		"trial": {Message{ID: "test_1", At: start, Text: "This is a trial."}, `{"type":"test","id":"test_1","raised_at":"2026-11-23T09:00:00Z","text":"This is a trial."}`},
	} {
		t.Run(name, func(t *testing.T) {
			handler, requests := recording()
			server, roots := trusted(t, handler)
			sink := Webhook{URL: secret.New(server.URL + "/hook?to=" + canary), Secret: secret.New(canary)}.sink(roots)
			if err := sink.Deliver(t.Context(), test.message); err != nil {
				t.Fatal(err)
			}
			got := <-requests
			genuine(t, got, []byte(canary))
			if got.path != "POST /hook?to="+canary || got.header.Get("content-type") != "application/json" || got.header.Get("webhook-id") != test.message.ID {
				t.Errorf("%s, %v", got.path, got.header)
			}
			if same(t, got.body) != same(t, []byte(test.want)) {
				t.Errorf("got\n%s\nwant\n%s", got.body, test.want)
			}
		})
	}
}

// same is JSON in the one form that it can be compared in.
func same(t *testing.T, text []byte) string {
	t.Helper()
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	canonical, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(canonical)
}

// A secret in the form of Standard Webhooks is decoded. The expectation is from
// the tests of that project's libraries (2026-11-23).
func TestWebhook_StandardSecret(t *testing.T) {
	w := &webhook{secret: secret.New("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")}
	header := w.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", time.Unix(1614265330, 0), []byte(`{"test": 2432232314}`))
	if got, want := header.Get("Webhook-Signature"), "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestSlack(t *testing.T) {
	handler, requests := recording()
	server, roots := trusted(t, handler)
	sink := Slack{URL: secret.New(server.URL + "/services/" + canary)}.sink(roots)
	if err := sink.Deliver(t.Context(), Message{Text: `team <!channel> & "co" has spent`}); err != nil {
		t.Fatal(err)
	}
	got := <-requests
	if got.path != "POST /services/"+canary || strings.TrimSpace(string(got.body)) != `{"text":"team &lt;!channel&gt; &amp; \"co\" has spent"}` {
		t.Errorf("%s %s", got.path, got.body)
	}
}

// Whatever the far end does, the attempt ends, fails, and says why without
// what is secret.
func TestPromise6_PostFails(t *testing.T) {
	handler, _ := recording()
	server, roots := trusted(t, handler)
	other, _ := trusted(t, handler)
	for name, test := range map[string]struct {
		url, says string
	}{
		"refused":           {"http://" + closedPort(t), "refused"},
		"wrong certificate": {other.URL, "certificate"},
		"wrong name":        {strings.Replace(server.URL, "127.0.0.1", "localhost", 1), "certificate"},
		"5xx":               {plain(t, func(w http.ResponseWriter, _ *http.Request) { http.Error(w, canary, http.StatusServiceUnavailable) }), "it answered with status 503"},
		"redirect": {plain(t, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, server.URL, http.StatusTemporaryRedirect)
		}), "it answered with status 307"},
		"hang":           {plain(t, hang), "deadline"},
		"endless header": {rawServer(t, "HTTP/1.1 200 OK\r\nx-a: "+strings.Repeat("a", answerBound+1)), "exceeded"},
		"no HTTP":        {rawServer(t, "220 "+canary+" ESMTP\r\n\r\n"), "malformed"},
		"reset":          {rawServer(t, ""), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for kind, sink := range map[string]Sink{
				"webhook": Webhook{URL: secret.New(test.url + "/" + canary), Secret: secret.New(canary)}.sink(roots),
				"slack":   Slack{URL: secret.New(test.url + "/" + canary)}.sink(roots),
			} {
				bound := time.Minute
				if name == "hang" {
					bound = 100 * time.Millisecond
				}
				ctx, cancel := context.WithTimeout(t.Context(), bound)
				defer cancel()
				err := sink.Deliver(ctx, newMessage(example(), time.UTC))
				if err == nil || !strings.Contains(err.Error(), test.says) {
					t.Fatalf("%s: %v, want one that says %q", kind, err, test.says)
				}
				if strings.Contains(err.Error(), canary) && kind == "webhook" || strings.Contains(err.Error(), "/"+canary) {
					t.Errorf("%s: a secret is shown: %v", kind, err)
				}
			}
		})
	}
}

// An endless body holds nothing up: the status is all that counts.
func TestPost_EndlessAnswer(t *testing.T) {
	url := plain(t, func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			_, _ = w.Write(make([]byte, 1<<16))
		}
	})
	if err := (Slack{URL: secret.New(url)}).sink(nil).Deliver(t.Context(), Message{}); err != nil {
		t.Error(err)
	}
}

func plain(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

// hang answers when the client has gone.
func hang(_ http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	<-r.Context().Done()
}

func closedPort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	return listener.Addr().String()
}

// rawServer says the same to everybody who has said something, and resets the
// connection.
func rawServer(t *testing.T, says string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			_, _ = connection.Read(make([]byte, 1))
			_, _ = io.WriteString(connection, says)
			_ = connection.(*net.TCPConn).SetLinger(0)
			connection.Close()
		}
	}()
	return "http://" + listener.Addr().String()
}
