//go:build unix

package app_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"tollgate/api"
	"tollgate/client"
	"tollgate/internal/gatewaytest"
	"tollgate/internal/simulator/sigv4"
)

// vault is a bucket that takes what is signed.
type vault struct {
	url string

	mu      sync.Mutex
	records map[string]bool
	wrong   []string
}

func newVault(t *testing.T) *vault {
	t.Helper()
	v := &vault{records: map[string]bool{}}
	server := httptest.NewServer(v)
	t.Cleanup(server.Close)
	v.url = server.URL
	return v
}

func (v *vault) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	check := sigv4.Check{Services: []string{"s3"}, Now: time.Now(), Key: func(id string) (sigv4.Key, bool) {
		return sigv4.Key{Secret: hookCanary}, id == "AKIATEST"
	}}
	v.mu.Lock()
	defer v.mu.Unlock()
	if _, failure := check.Verify(r, r.RequestURI, body); failure != nil || r.Header.Get("X-Amz-Object-Lock-Mode") != "GOVERNANCE" {
		v.wrong = append(v.wrong, fmt.Sprint(failure, r.Header))
		w.WriteHeader(http.StatusForbidden)
		return
	}
	addRecords(v.records, body)
}

func (v *vault) count() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return len(v.records)
}

// addRecords notes the records among lines, each once.
func addRecords(to map[string]bool, lines []byte) map[string]bool {
	for line := range bytes.Lines(lines) {
		if bytes.HasPrefix(line, []byte(`{"v":`)) { // a checkpoint does not
			to[string(line)] = true
		}
	}
	return to
}

// TestPromise5_SinksOfAGateway: a file and a bucket have every record, across a
// reload, a hand-over that fails and one that does not, while nobody answers for a
// third sink.
func TestPromise5_SinksOfAGateway(t *testing.T) {
	t.Parallel()
	provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, cachedAnswer) }))
	defer provider.Close()
	v := newVault(t)
	dead := httptest.NewServer(http.NotFoundHandler())
	dead.Close()
	path := filepath.Join(t.TempDir(), "audit.jsonl")
	sinks := fmt.Sprintf(`audit:
  sinks:
    - {name: dead, kind: webhook, url: "%s/%s", secret: %s, every: 10ms}
    - {name: file, kind: jsonl, path: %q, from: beginning, every: 10ms}
    - {name: vault, kind: s3, endpoint: %q, path_style: true, bucket: acme-audit, region: eu-central-1, from: beginning, every: 10ms, access_key_id: AKIATEST, secret_access_key: %s}
`, dead.URL, hookCanary, hookCanary, path, v.url, hookCanary)

	gateway := gatewaytest.Start(t, gatewaytest.Options{Upstream: provider.URL})
	ask := func() {
		t.Helper()
		if status, text := gateway.Ask(t, askWhole); status != http.StatusOK {
			t.Fatal(status, text)
		}
	}
	ask()
	if err := gateway.Reload(t, gatewaytest.Options{Upstream: provider.URL, Config: sinks}); err != nil {
		t.Fatal(err)
	}
	requestsIn(t, path, 1)
	takeBack(t, gateway)
	ask()
	requestsIn(t, path, 2)

	next := successor(t, gateway, provider.URL)
	ask()
	if err := next.Reload(settings(t, sinks+fmt.Sprintf("data_dir: %q\n", gateway.Dir)+nowhere)); err != nil {
		t.Fatal(err)
	}
	requestsIn(t, path, 3)
	admin := client.Socket(next.Socket)
	waitFor(t, "two sinks that have everything and one that fails", func() bool {
		found, err := admin.AuditSinks(t.Context())
		return err == nil && len(found.Data) == 3 && found.Data[0].FailingSince != nil &&
			found.Data[1].Waiting == 0 && found.Data[2].Waiting == 0 && len(addRecords(map[string]bool{}, readAll(t, path))) == v.count()
	})
	if len(v.wrong) > 0 {
		t.Error(v.wrong)
	}
	if log := gateway.Log(); strings.Contains(log, hookCanary) || !strings.Contains(log, "the audit log cannot be delivered to a sink") {
		t.Errorf("the log is\n%s", log)
	}
}

// requestsIn waits until a file has so many records of requests.
func requestsIn(t *testing.T, path string, n int) {
	t.Helper()
	waitFor(t, "records of requests in the file", func() bool {
		found := 0
		for line := range addRecords(map[string]bool{}, readAll(t, path)) {
			found += strings.Count(line, `"action":"request"`)
		}
		return found == n
	})
}

func readAll(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return text
}

// waitFor waits until something holds.
func waitFor(t *testing.T, what string, holds func() bool) {
	t.Helper()
	tick, bound := time.NewTicker(5*time.Millisecond), time.After(time.Minute)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-bound:
			t.Fatal("there were never " + what)
		}
	}
}

// TestPromise5_WhoeverReadsStandardOutputMayGo: the gateway goes on, and says that
// nobody holds its records there.
func TestPromise5_WhoeverReadsStandardOutputMayGo(t *testing.T) {
	t.Parallel()
	folder := shortFolder(t)
	file := filepath.Join(folder, "tollgate.yaml")
	text := fmt.Sprintf("data_dir: %q\nlisten: {address: \"127.0.0.1:0\"}\naudit: {sinks: [{name: out, kind: stdout, from: beginning, every: 10ms}]}\n", folder) + nowhere
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	gateway := exec.CommandContext(t.Context(), os.Args[0])
	gateway.Env = append(os.Environ(), serveVariable+"="+file)
	gateway.Stderr = os.Stderr
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	gateway.Stdout = writer
	if err := gateway.Start(); err != nil {
		t.Fatal(err)
	}
	writer.Close()
	lines := bufio.NewScanner(reader)
	for lines.Scan() && !strings.HasPrefix(lines.Text(), "http") { // it serves
	}
	url := lines.Text()
	admin := client.Socket(filepath.Join(folder, "admin.sock"))
	if _, err := admin.CreateTeam(t.Context(), api.NewTeam{Name: "core"}); err != nil {
		t.Fatal(err)
	}
	key, err := admin.CreateKey(t.Context(), api.NewKey{Service: "nightly", Team: "core"})
	if err != nil {
		t.Fatal(err)
	}
	ask := func() { // which is recorded, although nobody answers
		t.Helper()
		request, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/v1/messages", strings.NewReader(askWhole))
		request.Header.Set("X-Api-Key", key.Key)
		gatewaytest.Do(t, request)
	}
	ask()
	for lines.Scan() && !strings.Contains(lines.Text(), `"action":"request"`) {
	}
	reader.Close()
	ask()
	waitFor(t, "a sink that fails", func() bool {
		found, err := admin.AuditSinks(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return found.Data[0].FailingSince != nil
	})
	if err := gateway.Process.Signal(os.Interrupt); err != nil {
		t.Error(err)
	}
	if err := gateway.Wait(); err != nil {
		t.Error(err)
	}
}
