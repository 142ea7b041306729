package app_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tollgate"
	"tollgate/api"
	"tollgate/client"
	"tollgate/internal/app"
	"tollgate/internal/config"
)

// storm is a crowd of clients against a gateway with a budget and a provider
// whose answers go wrong in every way there is.
type storm struct {
	t        *testing.T
	dir      string
	provider *httptest.Server
	key      string

	mu       sync.Mutex
	recorded map[string]*tollgate.Exchange
	excess   tollgate.Money // what requests cost beyond what was held for them

	served, refused, broken atomic.Int64
	done                    chan struct{} // one for each that has its answer
}

const (
	crowd    = 200
	roomFor  = 37
	stormAsk = `{"model":"claude-opus-5-5","max_tokens":100,"stream":%t,"messages":[{"role":"user","content":"%s"}]}`
)

// TestPromise4_Storm has 200 requests at a time against a budget with room for
// 37, whole and streaming, with failures of the provider, hang-ups and restarts
// in between. A strict budget is not passed; an expected one is passed by no
// more than what requests cost beyond what was held for them. Afterwards
// nothing is held, and what is spent is what the rows say.
func TestPromise4_Storm(t *testing.T) {
	for _, enforce := range []tollgate.Enforcement{tollgate.EnforceStrict, tollgate.EnforceExpected} {
		t.Run(string(enforce), func(t *testing.T) {
			s := newStorm(t)
			gateway := s.start()
			s.key = s.newKey(gateway)
			var limit tollgate.Money
			for round := range 6 {
				limit += s.roomFor(gateway)
				if err := gateway.SetBudget(t.Context(), tollgate.Budget{
					ID: tollgate.NewBudgetID(), Scope: tollgate.Scope{Kind: tollgate.ScopeTeam, Name: "core"}, Amount: limit,
					Period: tollgate.PeriodTotal, Hard: true, Enforce: enforce, CreatedAt: time.Now(),
				}); err != nil {
					t.Fatal(err)
				}
				restart := round%3 == 2
				if restart {
					gateway = s.blow(gateway, round, func() *app.App { s.stop(gateway); return s.start() })
				} else {
					gateway = s.blow(gateway, round, func() *app.App { return gateway })
				}
				s.check(gateway, limit, enforce)
			}
			s.stop(gateway)
			if s.served.Load() < roomFor || s.refused.Load() == 0 || s.broken.Load() == 0 {
				t.Errorf("%d were served, %d refused, %d broken: that was no storm", s.served.Load(), s.refused.Load(), s.broken.Load())
			}
		})
	}
}

func newStorm(t *testing.T) *storm {
	s := &storm{t: t, dir: shortDir(t), recorded: map[string]*tollgate.Exchange{}, done: make(chan struct{}, crowd)}
	s.provider = httptest.NewServer(http.HandlerFunc(weather))
	t.Cleanup(s.provider.Close)
	return s
}

func shortDir(t *testing.T) string {
	folder, err := os.MkdirTemp("", "tg")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	return folder
}

// weather answers as the request's last word says.
func weather(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	stream := strings.Contains(string(body), `"stream":true`)
	written := 1500 + rand.IntN(500)
	usage := fmt.Sprintf(`"input_tokens":%d,"cache_creation_input_tokens":%d,"cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":%d},"output_tokens":%d`,
		10+rand.IntN(40), written, written, 50+rand.IntN(50))
	switch {
	case strings.Contains(string(body), "fail"):
		w.WriteHeader(http.StatusInternalServerError)
		fmt.Fprint(w, `{"type":"error","error":{"type":"api_error","message":"no"}}`)
		return
	case strings.Contains(string(body), "reset"):
		panic(http.ErrAbortHandler)
	case stream:
		w.Header().Set("Content-Type", "text/event-stream")
		fmt.Fprintf(w, "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"model\":\"claude-opus-5-5\",\"usage\":{%s}}}\n\n", usage)
		_ = http.NewResponseController(w).Flush()
		if strings.Contains(string(body), "cut") {
			panic(http.ErrAbortHandler)
		}
		fmt.Fprintf(w, "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{%s}}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n", usage)
	default:
		fmt.Fprintf(w, `{"type":"message","model":"claude-opus-5-5","content":[],"stop_reason":"end_turn","usage":{%s}}`, usage)
	}
}

func (s *storm) start() *app.App {
	file := filepath.Join(s.dir, "tollgate.yaml")
	text := fmt.Sprintf("data_dir: %q\nlisten: {address: \"127.0.0.1:0\"}\nupstreams: [{name: first, provider: anthropic, base_url: %q, api_key: k}, {name: second, provider: anthropic, base_url: %q, api_key: k}]\n",
		filepath.Join(s.dir, "data"), s.provider.URL, s.provider.URL)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
	c, err := config.Load(file, os.LookupEnv)
	if err != nil {
		s.t.Fatal(err)
	}
	gateway, err := app.Start(s.t.Context(), c, app.Options{Log: slog.New(slog.DiscardHandler), Watch: s.watch})
	if err != nil {
		s.t.Fatal(err)
	}
	return gateway
}

func (s *storm) watch(x *tollgate.Exchange) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.recorded[x.ID] = x
	s.excess += max(0, x.Cost-x.Held)
}

func (s *storm) stop(gateway *app.App) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := gateway.Stop(ctx); err != nil {
		s.t.Error(err)
	}
	if gateway.Holds() != 0 {
		s.t.Errorf("the gateway has stopped and %d requests hold money", gateway.Holds())
	}
}

func (s *storm) newKey(gateway *app.App) string {
	admin := client.Socket(gateway.Socket)
	if _, err := admin.CreateTeam(s.t.Context(), api.NewTeam{Name: "core"}); err != nil {
		s.t.Fatal(err)
	}
	key, err := admin.CreateKey(s.t.Context(), api.NewKey{Service: "ci", Team: "core"})
	if err != nil {
		s.t.Fatal(err)
	}
	return key.Key
}

// roomFor is the amount that is held for 37 requests: the most that one can
// cost is asked of a budget that has none.
func (s *storm) roomFor(*app.App) tollgate.Money {
	const bytes, unseen, output = 100, 2000, 100
	return roomFor * tollgate.Money((bytes+unseen)*8_000+output*20_000) // nano-dollars: cache writes for an hour, output
}

// blow lets the crowd loose. Somewhere in the middle the gateway is changed.
func (s *storm) blow(gateway *app.App, round int, change func() *app.App) *app.App {
	var clients sync.WaitGroup
	url := gateway.URL
	for n := range crowd {
		clients.Go(func() {
			s.ask(url, n, round)
			s.done <- struct{}{}
		})
	}
	for range crowd / 10 { // by then the others are under way
		<-s.done
	}
	next := change()
	for range crowd - crowd/10 {
		<-s.done
	}
	clients.Wait()
	return next
}

func (s *storm) ask(url string, n, round int) {
	ways := []string{"go well", "go well", "go well", "fail", "reset", "cut", "hang up"}
	way := ways[(n+round)%len(ways)]
	ctx, cancel := context.WithCancel(s.t.Context())
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/v1/messages", strings.NewReader(fmt.Sprintf(stormAsk, n%2 == 0 || way == "cut", way)))
	if err != nil {
		s.t.Error(err)
		return
	}
	r.Header.Set("Authorization", "Bearer "+s.key)
	if way == "hang up" {
		time.AfterFunc(time.Duration(n)*50*time.Microsecond, cancel)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		s.broken.Add(1)
		return
	}
	defer response.Body.Close()
	_, err = io.ReadAll(response.Body)
	switch {
	case response.StatusCode == http.StatusTooManyRequests:
		s.refused.Add(1)
		if response.Header.Get("X-Should-Retry") != "false" || response.Header.Get("Retry-After") == "" {
			s.t.Errorf("a refusal has the headers %v", response.Header)
		}
	case response.StatusCode == http.StatusOK && err == nil:
		s.served.Add(1)
	default:
		s.broken.Add(1)
	}
}

// check compares the budget with what was recorded.
func (s *storm) check(gateway *app.App, limit tollgate.Money, enforce tollgate.Enforcement) {
	s.t.Helper()
	for deadline := time.Now().Add(time.Minute); gateway.Holds() > 0; {
		if time.Now().After(deadline) {
			s.t.Fatalf("%d requests still hold money", gateway.Holds())
		}
	}
	var spent tollgate.Money
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, x := range s.recorded {
		spent += x.Cost
	}
	states := gateway.BudgetStates()
	if len(states) != 1 || states[0].Spent != spent || states[0].Held != 0 {
		s.t.Fatalf("the rows say %s, and the budget is %+v", spent, states)
	}
	s.t.Logf("%s: %s of %s spent, excess %s, %d served, %d refused, %d broken", enforce, spent, limit, s.excess, s.served.Load(), s.refused.Load(), s.broken.Load())
	allowed := limit
	if enforce == tollgate.EnforceExpected {
		allowed += s.excess
	}
	if spent > allowed {
		s.t.Fatalf("%s were spent of %s (%s allowed)", spent, limit, allowed)
	}
}
