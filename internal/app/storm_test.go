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
	ways     []string // in which requests end

	mu       sync.Mutex
	recorded map[string]*tollgate.Exchange
	excess   tollgate.Money // what requests cost beyond what was held for them

	served, refused, broken atomic.Int64
	billed                  atomic.Int64  // by the provider, if all had gone well
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
			s.key = s.newKey(client.Socket(gateway.Socket))
			var limit tollgate.Money
			for round := range 4 {
				limit += roomForThem
				if err := gateway.SetBudget(t.Context(), tollgate.Budget{
					ID: tollgate.NewBudgetID(), Scope: tollgate.Scope{Kind: tollgate.ScopeTeam, Name: "core"}, Amount: limit,
					Period: tollgate.PeriodTotal, Hard: true, Enforce: enforce, CreatedAt: time.Now(),
				}); err != nil {
					t.Fatal(err)
				}
				restart := round == 2
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
	s := &storm{t: t, ways: []string{"go well", "go well", "go well", "fail", "reset", "cut", "hang up"}, dir: shortDir(t), recorded: map[string]*tollgate.Exchange{}, done: make(chan struct{}, crowd)}
	s.provider = httptest.NewServer(http.HandlerFunc(s.weather))
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
func (s *storm) weather(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	stream := strings.Contains(string(body), `"stream":true`)
	input, written, output := 10+rand.IntN(40), 1500+rand.IntN(500), 50+rand.IntN(50)
	usage := fmt.Sprintf(`"input_tokens":%d,"cache_creation_input_tokens":%d,"cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":%d},"output_tokens":%d`,
		input, written, written, output)
	s.billed.Add(int64(input)*4_000 + int64(written)*8_000 + int64(output)*20_000)
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
	c, err := config.Load(s.configure(), os.LookupEnv)
	if err != nil {
		s.t.Fatal(err)
	}
	gateway, err := app.Start(s.t.Context(), c, app.Options{Log: slog.New(slog.DiscardHandler), Watch: s.watch})
	if err != nil {
		s.t.Fatal(err)
	}
	return gateway
}

func (s *storm) configure() (file string) {
	file = filepath.Join(s.dir, "tollgate.yaml")
	text := fmt.Sprintf("data_dir: %q\nlisten: {address: \"127.0.0.1:0\"}\nupstreams: [{name: first, provider: anthropic, base_url: %q, api_key: k}, {name: second, provider: anthropic, base_url: %q, api_key: k}]\n",
		filepath.Join(s.dir, "data"), s.provider.URL, s.provider.URL)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
	return file
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

func (s *storm) newKey(admin *client.Client) string {
	if _, err := admin.CreateTeam(s.t.Context(), api.NewTeam{Name: "core"}); err != nil {
		s.t.Fatal(err)
	}
	key, err := admin.CreateKey(s.t.Context(), api.NewKey{Service: "ci", Team: "core"})
	if err != nil {
		s.t.Fatal(err)
	}
	return key.Key
}

// roomForThem is what a strict budget holds for that many: each is of some 100
// bytes, beside which a provider may put 5,000 tokens, and of 100 tokens of
// output, at what is written to the cache for an hour and what is put out.
const roomForThem = roomFor * ((100+5_000)*8_000 + 100*20_000)

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
	way := s.ways[(n+round)%len(s.ways)]
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

// TestPromise4_Kill9 kills the gateway in the middle, again and again. What was
// held for those under way is then what they have cost: however much of it the
// provider bills, a strict budget is not passed.
func TestPromise4_Kill9(t *testing.T) {
	s := newStorm(t)
	s.ways = []string{"go well"}
	data := filepath.Join(s.dir, "data")
	admin := client.Socket(filepath.Join(data, "admin.sock"))
	limit, interrupted := tollgate.Money(0), 0
	for round := range 8 {
		process, url := startProcess(t, s.configure())
		if s.key == "" {
			s.key = s.newKey(admin)
		}
		limit += roomForThem
		if _, err := admin.SetBudget(t.Context(), api.NewBudget{Scope: "team:core", AmountNanoUSD: int64(limit), Period: "total", Enforce: "strict"}); err != nil {
			t.Fatal(err)
		}
		var clients sync.WaitGroup
		for n := range crowd {
			clients.Go(func() {
				s.ask(url, n, round)
				s.done <- struct{}{}
			})
		}
		for range rand.IntN(crowd / 4) {
			<-s.done
		}
		if err := process.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = process.Wait() // "signal: killed"
		clients.Wait()
		for len(s.done) > 0 {
			<-s.done
		}
	}
	gateway := s.start()
	rows, err := gateway.Requests(t.Context(), tollgate.RequestQuery{Limit: 1_000_000})
	if err != nil {
		t.Fatal(err)
	}
	var spent tollgate.Money
	for _, x := range rows {
		spent += x.Cost
		if x.Interrupted && x.Cost > 0 {
			interrupted++
		}
	}
	for deadline := time.Now().Add(time.Minute); gateway.BudgetStates()[0].Held > 0 && time.Now().Before(deadline); {
	}
	state := gateway.BudgetStates()[0]
	t.Logf("the provider has billed %s; the rows say %s, for %d requests that were interrupted too; the budget is %s", tollgate.Money(s.billed.Load()), spent, interrupted, limit)
	if tollgate.Money(s.billed.Load()) > spent || spent > limit || state.Spent != spent || state.Held != 0 || interrupted == 0 {
		t.Errorf("%+v", state)
	}
	s.stop(gateway)
	checkLedger(t, data)
}
