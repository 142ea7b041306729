package app_test

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"tollgate"
	"tollgate/api"
	"tollgate/client"
	"tollgate/internal/app"
	"tollgate/internal/config"
	"tollgate/internal/gatewaytest"
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

// serve runs a gateway until it is killed.
func serve(file string) {
	c, err := config.Load(file, os.LookupEnv)
	if err == nil {
		var gateway *app.App
		if gateway, err = app.Start(context.Background(), c, app.Options{Log: slog.New(slog.DiscardHandler)}); err == nil {
			fmt.Println(gateway.URL)
			select {}
		}
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// TestPromise2_Kill9 kills the process in the middle of its work, three times
// over. Every row that an administrator has seen is there afterwards, no row is
// there twice, keys open, and the gateway starts without help.
//
// What this does not hold yet: a request that was answered in the last
// moments, before its batch was committed (store.Writer: within 25 ms when the
// database keeps up), may be lost, and so may one that was under way. The
// journal closes that.
func TestPromise2_Kill9(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	folder, err := os.MkdirTemp("", "tg") // short enough for a socket
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(folder)
	file, data := filepath.Join(folder, "tollgate.yaml"), filepath.Join(folder, "data")
	text := fmt.Sprintf("data_dir: %q\nlisten: {address: \"127.0.0.1:0\"}\nupstreams: [{name: provider, provider: anthropic, base_url: %q, api_key: k}]\n", data, p.URL)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var key string
	seen, answered := 0, 0
	for round := range 3 {
		process, url := startProcess(t, file)
		admin := client.Socket(filepath.Join(data, "admin.sock"))
		if round == 0 {
			created, err := admin.CreateKey(t.Context(), api.NewKey{Service: "ci"})
			if err != nil {
				t.Fatal(err)
			}
			key = created.Key
		}
		askMany(t, url, key, 20)
		answered += 20
		list, err := admin.Requests(t.Context(), client.RequestQuery{Limit: 1000})
		if err != nil {
			t.Fatal(err)
		}
		seen = len(list.Data)
		askMany(t, url, key, 20) // of these it is not known how many are stored
		answered += 20
		if err := process.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = process.Wait() // "signal: killed"
		rows := stored(t, data)
		if len(rows) < seen || len(rows) > answered {
			t.Fatalf("round %d: %d rows; %d were seen, %d requests were answered", round, len(rows), seen, answered)
		}
		checkWhole(t, rows)
		t.Logf("round %d: %d of %d requests have a row", round, len(rows), answered)
	}
	if seen < 20 {
		t.Errorf("%d rows were seen", seen)
	}
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

// checkWhole: a row is wholly there or not at all.
func checkWhole(t *testing.T, rows []*tollgate.Exchange) {
	t.Helper()
	ids := map[string]bool{}
	for _, x := range rows {
		ids[x.ID] = true
		if x.Status != http.StatusOK || x.Service != "ci" || int64(x.Cost) != answerCost || x.ResponseDigest == "" {
			t.Errorf("%+v", x)
		}
	}
	if len(ids) != len(rows) {
		t.Errorf("%d rows have %d ids", len(rows), len(ids))
	}
}
