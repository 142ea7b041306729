//go:build unix

package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"tollgate/internal/handover"
)

// TestPromise7_TenHandOversUnderLoad replaces the process ten times in a row,
// with fifty streams open from the first one on and more from each. No request
// fails, no stream is cut, and every request that the provider has seen has
// its row. Each process has a client that is at rest until the last one serves,
// who then answers it.
func TestPromise7_TenHandOversUnderLoad(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	running := s.serve(t)
	s.newKey(t)
	var streams []io.ReadCloser
	for range 50 {
		streams = append(streams, s.stream(t, once, running.url))
	}
	busy := s.load(t, &http.Transport{}, running.url)
	earlier := []*process{running}
	var idle []net.Conn
	for range 10 {
		busy.answers(t, 20)
		idle = append(idle, s.rests(t, running.url))
		next := s.serve(t, takeoverFlag)
		if next.url != running.url {
			t.Fatalf("the next one listens at %s, not at %s", next.url, running.url)
		}
		if _, err := s.admin().Teams(t.Context()); err != nil {
			t.Errorf("an administrator is refused: %v", err)
		}
		streams = append(streams, s.stream(t, once, next.url))
		earlier, running = append(earlier, next), next
	}
	busy.answers(t, 20)
	for _, connection := range idle {
		s.askOn(t, connection)
	}
	close(s.goOn)
	for _, stream := range streams {
		finishes(t, stream)
	}
	busy.end()
	for _, each := range earlier[:10] {
		each.ends(t)
	}
	running.stops(t)
	checkRows(t, s)
}

// rests is a connection that has been used, and is at rest.
func (s *site) rests(t *testing.T, url string) net.Conn {
	t.Helper()
	connection, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { connection.Close() })
	s.askOn(t, connection)
	return connection
}

// TestPromise7_AnHeirThatIsKilled: who is passed on to it is told to ask again,
// as one is who finds nobody; and when another process has been started, that
// one is the heir.
func TestPromise7_AnHeirThatIsKilled(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	first := s.serve(t)
	s.newKey(t)
	early, late := s.rests(t, first.url), s.rests(t, first.url)
	second := s.serve(t, takeoverFlag)
	first.says(t, "another process serves now")
	second.signal(t, syscall.SIGKILL)
	<-second.ended
	request := s.request(t, "http://gateway", askWhole)
	if err := request.Write(early); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(early), request)
	if err != nil || response.StatusCode != http.StatusServiceUnavailable || response.Header.Get("Retry-After") != "1" || !response.Close {
		t.Errorf("%+v, %v", response, err)
	}
	s.configure(t, fmt.Sprintf("listen: {address: %q}\nupstreams: [{name: provider, provider: anthropic, base_url: %q, api_key: k}]\n", strings.TrimPrefix(first.url, "http://"), s.provider))
	third := s.serve(t)
	if response := s.askOn(t, late); !response.Close {
		t.Error("the client is not told to take another connection")
	}
	first.ends(t)
	third.stops(t)
	checkRows(t, s)
}

// checkRows: what the provider has seen is in the ledger, whole, once.
func checkRows(t *testing.T, s *site) {
	t.Helper()
	rows := s.rows(t)
	ids := map[string]bool{}
	for _, x := range rows {
		ids[x.ID] = true
		if x.Status != http.StatusOK || x.Estimated || x.Interrupted || x.Error != "" {
			t.Errorf("%+v", x)
		}
	}
	if seen := int(s.seen.Load()); len(rows) != seen || len(ids) != seen {
		t.Errorf("the provider has seen %d requests, the ledger has %d rows with %d ids", seen, len(rows), len(ids))
	}
}

// TestPromise7_IdleConnections: a client that has a connection open, and at
// rest, may use it once more after the hand-over, and is told to take another
// then.
func TestPromise7_IdleConnections(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	first := s.serve(t)
	s.newKey(t)
	const idle = 20
	var connections []net.Conn
	for range idle {
		connection, err := net.Dial("tcp", strings.TrimPrefix(first.url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer connection.Close()
		if response := s.askOn(t, connection); response.Close {
			t.Error("a connection is closed without a reason")
		}
		connections = append(connections, connection)
	}
	second := s.serve(t, takeoverFlag)
	first.says(t, "another process serves now")
	for _, connection := range connections {
		if response := s.askOn(t, connection); !response.Close {
			t.Error("the client is not told to take another connection")
		}
	}
	first.ends(t)
	if err := s.ask(t, once, first.url); err != nil {
		t.Error(err)
	}
	second.stops(t)
	checkRows(t, s)
}

// askOn asks on one connection and reads the whole answer.
func (s *site) askOn(t *testing.T, connection net.Conn) *http.Response {
	t.Helper()
	request := s.request(t, "http://gateway", askWhole)
	if err := request.Write(connection); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(connection), request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if text, err := io.ReadAll(response.Body); err != nil || response.StatusCode != http.StatusOK || string(text) != answer {
		t.Errorf("%s: %s, %v", response.Status, text, err)
	}
	return response
}

// TestPromise7_HTTP2: one connection carries everything; what is under way on
// it ends well, and the next request finds the successor.
func TestPromise7_HTTP2(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	first := s.serve(t)
	s.newKey(t)
	transport := &http.Transport{Protocols: new(http.Protocols)}
	transport.Protocols.SetUnencryptedHTTP2(true)
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, Timeout: 2 * time.Minute}
	stream := s.stream(t, client, first.url)
	busy := s.load(t, transport, first.url)
	busy.answers(t, 10)
	second := s.serve(t, takeoverFlag)
	first.says(t, "another process serves now")
	busy.answers(t, 10)
	close(s.goOn)
	finishes(t, stream)
	busy.end()
	transport.CloseIdleConnections()
	first.ends(t)
	second.stops(t)
	checkRows(t, s)
}

// TestPromise7_AStopThatIsFollowedByAStart, as a supervisor does it that does
// not wait: the next process needs no flag, gets everything, and who asks on a
// connection of the first is served again.
func TestPromise7_AStopThatIsFollowedByAStart(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	first := s.serve(t)
	s.newKey(t)
	idle, err := net.Dial("tcp", strings.TrimPrefix(first.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer idle.Close()
	s.askOn(t, idle)
	stream := s.stream(t, once, first.url)
	first.signal(t, syscall.SIGTERM)
	first.says(t, "msg=\"stopping: answers")
	second := s.serve(t)
	first.says(t, "another process serves now")
	if second.url != first.url {
		t.Errorf("the second listens at %s, the first did at %s", second.url, first.url)
	}
	s.askOn(t, idle)
	if err := s.ask(t, once, second.url); err != nil {
		t.Error(err)
	}
	close(s.goOn)
	finishes(t, stream)
	first.ends(t)
	second.stops(t)
	checkRows(t, s)
}

// TestBadInput_ASecondServe: started by mistake, it says so and ends, and the
// first one is not disturbed.
func TestBadInput_ASecondServe(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	first := s.serve(t)
	status, output := exitStatus(exec.Command("tollgate", "serve", "--config", s.file))
	if status != failed || !strings.Contains(output, "another tollgate runs on the data folder "+s.folder) || !strings.Contains(output, takeoverFlag) {
		t.Errorf("%d %s", status, output)
	}
	s.newKey(t)
	if err := s.ask(t, once, first.url); err != nil {
		t.Error(err)
	}
	first.stops(t)
}

// TestPromise7_ASuccessorThatDies: whatever it has been given already, the
// first process goes on, with its administrators, and hands over to the next.
func TestPromise7_ASuccessorThatDies(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	first := s.serve(t)
	s.newKey(t)
	busy := s.load(t, &http.Transport{}, first.url)
	for i, ready := range []bool{false, true} {
		claim, err := handover.Ask(t.Context(), filepath.Join(s.folder, "handover.sock"), true)
		if err != nil {
			t.Fatal(err)
		}
		if ready {
			given, err := claim.Take(t.Context())
			if err != nil || len(given) != 4 {
				t.Fatal(given, err)
			}
			for _, each := range given {
				each.Close()
			}
		}
		if !ready { // and nobody's requests wait for it
			busy.answers(t, 10)
		}
		if err := claim.Close(); err != nil {
			t.Error(err)
		}
		busy.answers(t, 10)
		if _, err := s.admin().CreateTeam(t.Context(), newTeamOf(fmt.Sprint("team", i))); err != nil {
			t.Errorf("ready %v: an administrator is refused afterwards: %v", ready, err)
		}
	}
	second := s.serve(t, takeoverFlag)
	busy.answers(t, 10)
	busy.end()
	first.ends(t)
	second.stops(t)
	checkRows(t, s)
}

// TestPromise7_ASuccessorThatCannotStart gives everything back.
func TestPromise7_ASuccessorThatCannotStart(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	first := s.serve(t)
	s.newKey(t)
	good, err := os.ReadFile(s.file)
	if err != nil {
		t.Fatal(err)
	}
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for name, bad := range map[string]string{
		"listen.address": strings.Replace(string(good), "127.0.0.1:0", taken.Addr().String(), 1), // found out when everything is handed over
		"listen.tls":     strings.Replace(string(good), "127.0.0.1:0\"", "127.0.0.1:0\", tls: {cert: /no, key: /no}", 1),
	} {
		if err := os.WriteFile(s.file, []byte(bad), 0o600); err != nil {
			t.Fatal(err)
		}
		if status, output := exitStatus(exec.Command("tollgate", "serve", "--config", s.file, takeoverFlag)); status != failed || !strings.Contains(output, name) {
			t.Errorf("%s: %d %s", name, status, output)
		}
		if err := s.ask(t, once, first.url); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := s.admin().Teams(t.Context()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	first.stops(t)
	checkRows(t, s)
}

// TestPromise7_APredecessorThatIsKilled in the middle: the successor finds the
// folder free and serves.
func TestPromise7_APredecessorThatIsKilled(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	first := s.serve(t)
	s.newKey(t)
	first.signal(t, syscall.SIGSTOP) // it has a door, and does not answer
	second := s.begin(t, exec.Command("tollgate", "serve", "--config", s.file, takeoverFlag))
	first.signal(t, syscall.SIGKILL)
	<-first.ended
	if err := s.ask(t, once, second.listens(t).url); err != nil {
		t.Error(err)
	}
	second.stops(t)
	checkRows(t, s)
}

// TestPromise7_SIGUSR2 makes the process start its program anew.
func TestPromise7_SIGUSR2(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	first := s.serve(t)
	s.newKey(t)
	busy := s.load(t, &http.Transport{}, first.url)
	first.signal(t, syscall.SIGUSR2)
	pid, err := strconv.Atoi(first.says(t, "msg=\"the next process is started\" pid="))
	if err != nil {
		t.Fatal(err)
	}
	first.ends(t)
	busy.answers(t, 10)
	busy.end()
	if err := syscall.Kill(pid, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	awaitSwept(t, filepath.Join(s.folder, "admin.sock"))
	checkRows(t, s)
}

// awaitSwept waits for the end of a process that is not ours.
func awaitSwept(t *testing.T, path string) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); {
		if _, err := os.Stat(path); os.IsNotExist(err) {
			return
		}
	}
	t.Fatal("the process does not end")
}

func init() { programs["activate"] = activate }

// activate becomes tollgate serve, as systemd starts it: with the sockets that
// are open already.
func activate() {
	program, err := exec.LookPath("tollgate")
	if err == nil {
		err = syscall.Exec(program, append([]string{program}, os.Args[1:]...), append(os.Environ(),
			"LISTEN_PID="+strconv.Itoa(os.Getpid()), "LISTEN_FDS=1", "LISTEN_FDNAMES=listen.address"))
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// TestPromise7_SocketActivation: who connects while no process runs waits and
// is answered; the address of the configuration is not the one that counts.
func TestPromise7_SocketActivation(t *testing.T) {
	t.Parallel()
	s := newSite(t, "listen: {address: \"127.0.0.1:1\"}")
	opened, file := activation(t)
	for round := range 2 {
		answers := make(chan error, 10)
		for range cap(answers) {
			go func() { answers <- healthy("http://" + opened.Addr().String()) }()
		}
		command := exec.Command("activate", "serve", "--config", s.file)
		command.ExtraFiles = []*os.File{file}
		process := s.begin(t, command).listens(t)
		for range cap(answers) {
			if err := <-answers; err != nil {
				t.Errorf("round %d: %v", round, err)
			}
		}
		if process.url != "http://"+opened.Addr().String() {
			t.Errorf("it listens at %s", process.url)
		}
		if round == 1 {
			next := s.serve(t, takeoverFlag) // which systemd did not start
			if next.url != process.url {
				t.Errorf("the next listens at %s", next.url)
			}
			process.ends(t)
			command := exec.Command("activate", "serve", "--config", s.file, takeoverFlag) // which systemd starts beside it, with its sockets anew
			command.ExtraFiles = []*os.File{file}
			process = s.begin(t, command).listens(t)
			next.ends(t)
		}
		process.stops(t)
	}
}

// healthy asks on a connection of its own, and waits for as long as it takes.
func healthy(url string) error {
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 2 * time.Minute}
	response, err := client.Get(url + "/healthz")
	if err != nil {
		return err
	}
	response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s", response.Status)
	}
	return nil
}
