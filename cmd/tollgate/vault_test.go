//go:build unix

package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tollgate"
	"tollgate/api"
	"tollgate/client"
)

// vault is a site with a strict budget, and the provider that is paid from it
// and keeps an account of its own.
type vault struct {
	*site
	t       *testing.T
	url     string
	clients *http.Client      // on connections that stay open
	council *client.Client    // of administrators, likewise
	rounds  [10]chan struct{} // closed: the streams of that round end
	killed  map[*process]bool

	mu              sync.Mutex
	allowed, raised tollgate.Money // the most that the budget may be by now, and what of it is raises
	billed          tollgate.Money
	most            tollgate.Money // what is held for one request
	budget          string         // its id
	rough, dead     bool           // a process was killed in this round: any, or the one that served
	amiss           []string       // what has failed in this round

	streams                               sync.WaitGroup // that the provider holds open
	open                                  atomic.Int64   // of them
	served, refused, broken, cut, refills atomic.Int64
}

// What a provider bills at list price, in nano-dollars a token, for inference
// that is kept in one country.
const (
	inputPrice  = 4_400
	writePrice  = 8_800 // to the cache, for an hour
	outputPrice = 22_000
)

// vaultBody is a request. All are equally long, so that as much is held for each.
func vaultBody(stream bool, word string) string {
	return fmt.Sprintf(`{"model":"claude-opus-5-5","max_tokens":100,"stream":%-5t,"messages":[{"role":"user","content":"%-6s"}]}`, stream, word)
}

func newVault(t *testing.T) *vault {
	v := &vault{site: newSite(t, ""), t: t, killed: map[*process]bool{}}
	provider := httptest.NewServer(http.HandlerFunc(v.answer))
	t.Cleanup(provider.Close)
	address := unusedAddress(t) // the same for the process after one that was killed
	v.configure(t, fmt.Sprintf("upstreams: [{name: provider, provider: anthropic, base_url: %q, api_key: k}]\nlisten: {address: %q}\n", provider.URL, address))
	v.url = "http://" + address
	v.clients = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 10}, Timeout: 2 * time.Minute}
	v.council = client.Socket(filepath.Join(v.folder, "admin.sock"))
	for n := range v.rounds {
		v.rounds[n] = make(chan struct{})
	}
	return v
}

func unusedAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// answer is the provider's. A stream that names a round goes on until that is
// over, and its output is billed then; when its gateway is killed, it is billed
// nevertheless.
func (v *vault) answer(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	input, written, output := v.consumes()
	usage := fmt.Sprintf(`"inference_geo":"us","input_tokens":%d,"cache_creation_input_tokens":%d,"cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":%d}`, input, written, written)
	v.bill(input*inputPrice + written*writePrice)
	if !strings.Contains(string(body), `"stream":true`) {
		v.bill(output * outputPrice)
		fmt.Fprintf(w, `{"type":"message","model":"claude-opus-5-5","content":[],"stop_reason":"end_turn","usage":{%s,"output_tokens":%d}}`, usage, output)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	fmt.Fprintf(w, "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"model\":\"claude-opus-5-5\",\"usage\":{%s,\"output_tokens\":0}}}\n\n", usage)
	_ = http.NewResponseController(w).Flush()
	if !v.endsInTime(string(body), r.Context()) && !v.isDead() {
		return // a provider stops when somebody hangs up
	}
	v.bill(output * outputPrice)
	fmt.Fprintf(w, "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":%d}}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n", output)
}

// consumes is what a request consumes in tokens: four times in five nearly all
// that is held for it.
func (v *vault) consumes() (input, written, output int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	input, output = rand.IntN(20), rand.IntN(20)
	if rand.IntN(5) > 0 {
		output = 95 + rand.IntN(5)
		written = max(0, (int(v.most)-output*outputPrice-input*inputPrice)/writePrice)
	}
	return input, written, output
}

// endsInTime waits for the end of the round that a stream names, if it does.
// False says that its gateway has hung up before.
func (v *vault) endsInTime(body string, gateway context.Context) bool {
	_, word, _ := strings.Cut(body, `"content":"`)
	var round int
	if _, err := fmt.Sscanf(word, "hold %d", &round); err != nil {
		return true
	}
	select {
	case <-v.rounds[round]:
		return true
	case <-gateway.Done():
		return false
	}
}

func (v *vault) isDead() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.dead
}

// bill is the promise: at no moment more than the budget.
func (v *vault) bill(amount int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.billed += tollgate.Money(amount); v.billed > v.allowed {
		v.t.Errorf("the provider has billed %s of a budget of %s", v.billed, v.allowed)
	}
}

// furnish makes the key and the budget, and finds out how much of it a request
// holds.
func (v *vault) furnish() {
	v.t.Helper()
	admin := v.admin()
	if _, err := admin.CreateTeam(v.t.Context(), newTeamOf("core")); err != nil {
		v.t.Fatal(err)
	}
	key, err := admin.CreateKey(v.t.Context(), api.NewKey{Service: "ci", Team: "core"})
	if err != nil {
		v.t.Fatal(err)
	}
	v.key = key.Key
	v.allowed = tollgate.Dollar
	v.grant(0)
	if !v.hold(0) {
		v.t.Fatal("a budget of which nothing is spent has no room")
	}
	held := tollgate.Money(v.state().HeldNanoUSD)
	v.mu.Lock()
	defer v.mu.Unlock()
	v.most = held
}

// grant sets the budget higher by what so many requests hold. Whoever serves may
// just be handing over, or be dead: to set it twice is to set it once.
func (v *vault) grant(requests int) {
	amount := v.allow(requests, 0)
	for deadline := time.Now().Add(time.Minute); ; {
		budget, err := v.council.SetBudget(context.WithoutCancel(v.t.Context()), api.NewBudget{Scope: "team:core", AmountNanoUSD: int64(amount), Period: "total", Enforce: "strict"})
		switch {
		case err == nil:
			v.budget = budget.ID
			v.within(budget)
			v.refills.Add(1)
			return
		case time.Now().After(deadline):
			v.t.Errorf("the budget cannot be set: %v", err)
			return
		}
	}
}

// raise puts what two requests hold on top of the budget.
func (v *vault) raise() {
	v.t.Helper()
	v.allow(0, 2)
	if _, err := v.admin().RaiseBudget(v.t.Context(), v.budget, api.NewRaise{ByNanoUSD: int64(2 * v.most), Until: "1h", Reason: "another round"}); err != nil {
		v.t.Fatal(err)
	}
}

// allow notes what the budget is about to be, and returns it without its raises.
func (v *vault) allow(more, raise int) tollgate.Money {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.raised += tollgate.Money(raise) * v.most
	v.allowed += tollgate.Money(more+raise) * v.most
	return v.allowed - v.raised
}

// state is where the budget stands.
func (v *vault) state() api.Budget {
	v.t.Helper()
	budget, err := v.admin().Budget(v.t.Context(), v.budget)
	if err != nil {
		v.t.Fatal(err)
	}
	v.within(budget)
	return budget
}

// within is the promise as the gateway tells it.
func (v *vault) within(budget api.Budget) {
	if budget.SpentNanoUSD+budget.HeldNanoUSD > budget.LimitNanoUSD {
		v.t.Errorf("%d are spent and %d held of %d", budget.SpentNanoUSD, budget.HeldNanoUSD, budget.LimitNanoUSD)
	}
}

// fails notes what may happen only while a process is killed.
func (v *vault) fails(format string, args ...any) {
	v.broken.Add(1)
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.amiss) < 10 {
		v.amiss = append(v.amiss, fmt.Sprintf(format, args...))
	}
}
