package main

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// startSimulate runs the command and returns its address and the lines that
// follow.
func startSimulate(t *testing.T, args ...string) (url string, lines *bufio.Scanner, stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	in, out := io.Pipe()
	command := newSimulateCommand()
	command.SetArgs(append([]string{"--listen", "127.0.0.1:0", "--pace", "0"}, args...))
	command.SetErr(out)
	ended := make(chan error, 1)
	go func() {
		ended <- command.ExecuteContext(ctx)
		out.Close()
	}()
	lines = bufio.NewScanner(in)
	if !lines.Scan() {
		t.Fatalf("the command said nothing: %v", <-ended)
	}
	first := lines.Text()
	return first[strings.Index(first, "http://"):], lines, func() error {
		cancel()
		return <-ended
	}
}

func postMessage(t *testing.T, url, key string) *http.Response {
	t.Helper()
	body := `{"model":"claude-opus-5-5","max_tokens":100,"messages":[{"role":"user","content":"Hello"}]}`
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/v1/messages", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Anthropic-Version", "2023-06-01")
	request.Header.Set("X-Api-Key", key)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	return response
}

func TestSimulateServesUntilItIsStopped(t *testing.T) {
	url, lines, stop := startSimulate(t, "--key", "good")
	if got := postMessage(t, url, "good").StatusCode; got != http.StatusOK {
		t.Errorf("got %d", got)
	}
	if !lines.Scan() || !strings.Contains(lines.Text(), "POST /v1/messages 200  claude-opus-5-5") {
		t.Errorf("the line is %q", lines.Text())
	}
	refused := make(chan int, 1)
	go func() { refused <- postMessage(t, url, "bad").StatusCode }()
	lines.Scan()
	if got := <-refused; got != http.StatusUnauthorized {
		t.Errorf("a wrong key got %d", got)
	}
	if err := stop(); err != nil {
		t.Errorf("stopped with %v", err)
	}
}

func TestSimulatePlaysAScript(t *testing.T) {
	script := filepath.Join(t.TempDir(), "script.yaml")
	if err := os.WriteFile(script, []byte("rules: [{do: {status: 529}}]"), 0o600); err != nil {
		t.Fatal(err)
	}
	url, lines, stop := startSimulate(t, "--script", script)
	go lines.Scan()
	if got := postMessage(t, url, "any").StatusCode; got != 529 {
		t.Errorf("got %d", got)
	}
	if err := stop(); err != nil {
		t.Errorf("stopped with %v", err)
	}
}

func TestSimulateSaysWhatIsWrong(t *testing.T) {
	taken, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	script := filepath.Join(t.TempDir(), "script.yaml")
	if err := os.WriteFile(script, []byte("rules:\n  - do: {stauts: 529}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{}, "listen"},
		{[]string{"--listen", taken.Addr().String()}, "choose another address"},
		{[]string{"--listen", "127.0.0.1:0", "--script", script}, "line 2"},
		{[]string{"--listen", "127.0.0.1:0", "--script", script + ".not"}, "name a readable file"},
	} {
		command := newSimulateCommand()
		command.SetArgs(test.args)
		command.SetErr(io.Discard)
		command.SetOut(io.Discard)
		if err := command.ExecuteContext(t.Context()); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v: got %v", test.args, err)
		}
	}
}
