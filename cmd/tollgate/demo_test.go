package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestDemoTellsTheWayOutOfATakenAddress(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	var stdout, stderr bytes.Buffer
	status := run([]string{"demo", "--listen", taken.Addr().String()}, strings.NewReader(""), &stdout, &stderr)
	if says := stderr.String(); status != failed || !strings.Contains(says, "cannot listen on "+taken.Addr().String()) ||
		!strings.Contains(says, "--listen") || !strings.Contains(says, "make demo LISTEN=") || strings.Contains(says, "listen.address") {
		t.Errorf("%d\n%s%s", status, &stdout, &stderr)
	}
}

// What it tells people to type is the program that they called.
func TestDemoNamesTheProgramAsItWasCalled(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	in, out := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		ended <- demo(ctx, "127.0.0.1:0", io.Discard, out)
		out.Close()
	}()
	hint := ""
	for lines := bufio.NewScanner(in); lines.Scan(); {
		if strings.HasPrefix(lines.Text(), "Ask the ledger") {
			hint = lines.Text()
			stop()
		}
	}
	if err := <-ended; err != nil || !strings.Contains(hint, " "+os.Args[0]+" usage --by model --data-dir ") {
		t.Errorf("said %q, ended with %v", hint, err)
	}
	stop()
}

// TestDemo runs the command as people do: two lines for a shell on stdout, with
// which a client gets answers, a line for each request on stderr, and an end
// with status 0.
func TestDemo(t *testing.T) {
	t.Parallel()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), "tollgate") // by this name the test is the program
	if err := os.Symlink(program, link); err != nil {
		t.Fatal(err)
	}
	ctx, kill := context.WithTimeout(t.Context(), time.Minute)
	defer kill()
	command := exec.CommandContext(ctx, link, "demo", "--listen", "127.0.0.1:0")
	var stderr bytes.Buffer // read after the end
	command.Stderr = &stderr
	stdout, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(stdout)
	url, key := exported(t, lines, "ANTHROPIC_BASE_URL"), exported(t, lines, "ANTHROPIC_AUTH_TOKEN")
	for _, ask := range []string{`{"model":"claude-opus-5-5","max_tokens":10,"messages":[{"role":"user","content":"hello"}]}`, `{"model":"gpt-5"}`} {
		askDemo(t, url, key, ask)
	}
	if err := command.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if rest, err := io.ReadAll(lines); err != nil || len(rest) > 0 {
		t.Errorf("more on stdout: %q, %v", rest, err)
	}
	if err := command.Wait(); err != nil {
		t.Errorf("it ended with %v", err)
	}
	for _, line := range []string{
		`(?m)^\d\d:\d\d:\d\d  200  messages      claude-opus-5-5       in [1-9]\d* \(0 from cache\)  out [1-9]\d*  \$0\.\d+  \d+m?s$`,
		`(?m)^\d\d:\d\d:\d\d  404  messages      gpt-5                 in 0 \(0 from cache\)  out 0  \$0\.00  \S+  not_found_error$`,
	} {
		if !regexp.MustCompile(line).MatchString(stderr.String()) {
			t.Errorf("stderr has no line such as %s:\n%s", line, &stderr)
		}
	}
}

// exported reads a line that sets a variable in a shell.
func exported(t *testing.T, lines *bufio.Reader, name string) string {
	t.Helper()
	line, err := lines.ReadString('\n')
	value, found := strings.CutPrefix(line, "export "+name+"=")
	if err != nil || !found || strings.ContainsAny(strings.TrimSuffix(value, "\n"), " \n'\"$") {
		t.Fatalf("%q, %v; want the export of %s", line, err, name)
	}
	return strings.TrimSuffix(value, "\n")
}

func askDemo(t *testing.T, url, key, ask string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/v1/messages", strings.NewReader(ask))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+key)
	request.Header.Set("Anthropic-Version", "2023-06-01")
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if _, err := io.ReadAll(response.Body); err != nil {
		t.Fatal(err)
	}
}
