package app_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"tollgate"
	"tollgate/api"
	"tollgate/client"
	"tollgate/internal/app"
	"tollgate/internal/check"
	"tollgate/internal/config"
	"tollgate/internal/gatewaytest"
	"tollgate/internal/journal"
	"tollgate/internal/store"
)

// serveVariable makes a process of the test binary a gateway: its value is the
// configuration file.
const serveVariable = "TOLLGATE_TEST_SERVE"

func TestMain(m *testing.M) {
	if file := os.Getenv(serveVariable); file != "" {
		serve(file)
	}
	os.Exit(m.Run())
}

// serve runs a gateway until it is interrupted or killed.
func serve(file string) {
	if err := serveUntilInterrupted(file); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

func serveUntilInterrupted(file string) error {
	interrupted, cancel := signal.NotifyContext(context.Background(), os.Interrupt)
	defer cancel()
	c, err := config.Load(file, os.LookupEnv)
	if err != nil {
		return err
	}
	gateway, err := app.Start(interrupted, c, app.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	fmt.Println(gateway.URL)
	<-interrupted.Done()
	return gateway.Stop(context.Background())
}

// rounds is how often the process is killed.
func rounds() int {
	if testing.Short() {
		return 10
	}
	return 100
}

// TestPromise2_Kill9 kills the process at random moments under load, a hundred
// times. What the provider has seen has exactly one row each, and no row is
// wrong: one that says it is whole has the exact price, one that was cut off by
// the kill says so. Keys open afterwards, and the gateway starts without help.
func TestPromise2_Kill9(t *testing.T) {
	t.Parallel()
	p := newCountingProvider(t)
	folder := shortFolder(t)
	file, data := filepath.Join(folder, "tollgate.yaml"), filepath.Join(folder, "data")
	text := fmt.Sprintf("data_dir: %q\nlisten: {address: \"127.0.0.1:0\"}\nupstreams: [{name: provider, provider: anthropic, base_url: %q, api_key: k}]\n", data, p.URL)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var key string
	for round := range rounds() {
		process, url := startProcess(t, file)
		if round == 0 {
			created, err := client.Socket(filepath.Join(data, "admin.sock")).CreateKey(t.Context(), api.NewKey{Service: "ci"})
			if err != nil {
				t.Fatal(err)
			}
			key = created.Key
		}
		load := startLoad(t, url, key)
		load.awaitAnswers(t, rand.N(60)) // of the load, some are always under way
		if err := process.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = process.Wait() // "signal: killed"
		load.end()
	}
	process, _ := startProcess(t, file)
	if err := process.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := process.Wait(); err != nil {
		t.Fatal(err)
	}
	checkAgainst(t, p.seen(), stored(t, data))
	checkLedger(t, data)
	if report := gatewaytest.IsWhole(t, data); report.Chains != rounds()+1 {
		t.Errorf("%d chains after %d processes", report.Chains, rounds()+1)
	}
}

// checkLedger wants that nothing differs from the ledger of a stopped gateway.
func checkLedger(t *testing.T, data string) {
	t.Helper()
	kept, err := store.OpenReadOnly(t.Context(), filepath.Join(data, store.File))
	if err != nil {
		t.Fatal(err)
	}
	defer kept.Close()
	found, err := (&check.Ledger{Store: kept, Journal: filepath.Join(data, journal.Name)}).Check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if n := found.Differences() + found.Waiting + found.Open; n != 0 {
		t.Errorf("%d differences or requests in the journal: %+v", n, found)
	}
}

// checkAgainst compares the ledger with what the provider has seen, by the
// prompt's id, which is another for each request.
func checkAgainst(t *testing.T, seen map[string]int, rows []*tollgate.Exchange) {
	t.Helper()
	interrupted, strays := 0, 0
	has := map[string]bool{}
	for _, x := range rows {
		if has[x.Prompt] {
			t.Errorf("%s has two rows", x.Prompt)
		}
		has[x.Prompt] = true
		switch {
		case x.Interrupted:
			interrupted++
			if seen[x.Prompt] == 0 {
				strays++ // killed between the journal and the provider
			}
			if !x.Estimated || x.Error == "" || x.Usage.Input == 0 || x.Cost == 0 || x.Service != "ci" || x.Upstream == "" {
				t.Errorf("an interrupted row says %+v", x)
			}
		case seen[x.Prompt] != 1:
			t.Errorf("%s: the provider has seen it %d times: %+v", x.Prompt, seen[x.Prompt], x)
		case x.Estimated && x.Error == "", !x.Estimated && int64(x.Cost) != answerCost, x.Service != "ci":
			t.Errorf("%+v", x)
		}
	}
	for id := range seen {
		if !has[id] {
			t.Errorf("the provider has seen %s, and it has no row", id)
		}
	}
	t.Logf("%d requests were seen by the provider, all of them have a row; %d rows are interrupted, %d of these were never sent", len(seen), interrupted, strays)
	if interrupted == 0 {
		t.Error("no kill has hit a request: the test proves nothing")
	}
}

// countingProvider notes which prompts it has seen.
type countingProvider struct {
	URL string
	mu  sync.Mutex
	ids map[string]int
}

func newCountingProvider(t *testing.T) *countingProvider {
	p := &countingProvider{ids: map[string]int{}}
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	p.URL = server.URL
	return p
}

func (p *countingProvider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, _ = io.ReadAll(r.Body)
	p.mu.Lock()
	p.ids[r.Header.Get("X-Claude-Code-Prompt-Id")]++
	p.mu.Unlock()
	if r.URL.Query().Has("whole") {
		fmt.Fprint(w, answer)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	fmt.Fprint(w, eventStart)
	_ = http.NewResponseController(w).Flush()
	fmt.Fprint(w, eventEnd)
}

func (p *countingProvider) seen() map[string]int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return maps.Clone(p.ids)
}

// load is clients that ask one request after the other until they are ended.
type load struct {
	cancel   context.CancelFunc
	clients  sync.WaitGroup
	answered chan struct{}
}

// prompts numbers the requests of this process.
var prompts atomic.Int64

func startLoad(t *testing.T, url, key string) *load {
	ctx, cancel := context.WithCancel(t.Context())
	l := &load{cancel: cancel, answered: make(chan struct{}, 10_000)}
	transport := &http.Transport{}
	for i := range 8 {
		l.clients.Go(func() {
			for ctx.Err() == nil {
				l.ask(ctx, &http.Client{Transport: transport}, url, key, i%2 == 0)
			}
		})
	}
	context.AfterFunc(ctx, transport.CloseIdleConnections)
	return l
}

// ask makes one request. That it fails is the point.
func (l *load) ask(ctx context.Context, client *http.Client, url, key string, whole bool) {
	address, body := url+"/v1/messages", askStream
	if whole {
		address, body = address+"?whole", askWhole
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(body))
	if err != nil {
		return
	}
	request.Header.Set("X-Api-Key", key)
	request.Header.Set("X-Claude-Code-Prompt-Id", fmt.Sprint("prompt-", prompts.Add(1)))
	response, err := client.Do(request)
	if err != nil {
		return
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err == nil {
		l.answered <- struct{}{}
	}
}

func (l *load) awaitAnswers(t *testing.T, n int) {
	t.Helper()
	for range n {
		await(t, l.answered, "an answer")
	}
}

func (l *load) end() {
	l.cancel()
	l.clients.Wait()
}

func startProcess(t *testing.T, file string) (process *exec.Cmd, url string) {
	t.Helper()
	process = exec.CommandContext(t.Context(), os.Args[0])
	process.Env = append(os.Environ(), serveVariable+"="+file)
	process.Stderr = os.Stderr
	out, err := process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return process, strings.TrimSpace(line)
}

func askMany(t *testing.T, url, key string, n int) {
	t.Helper()
	for range n {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/v1/messages", strings.NewReader(askWhole))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("X-Api-Key", key)
		if status, text := gatewaytest.Do(t, request); status != http.StatusOK {
			t.Fatal(status, text)
		}
	}
}
