//go:build unix

package main

import (
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"tollgate/api"
)

func newTeamOf(name string) api.NewTeam { return api.NewTeam{Name: name} }

// TestPromise7_SIGTERM lets a stream finish and ends with status 0; new work
// is refused meanwhile.
func TestPromise7_SIGTERM(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	process := s.serve(t)
	s.newKey(t)
	stream := s.stream(t, once, process.url)
	process.signal(t, syscall.SIGTERM)
	process.says(t, "msg=\"stopping: answers under way may finish\" drain=10m0s requests=1")
	process.signal(t, syscall.SIGHUP) // changes nothing
	for _, path := range []string{"/readyz", "/v1/messages"} {
		response, err := http.Post(process.url+path, "", strings.NewReader(askWhole))
		if path == "/readyz" {
			response, err = http.Get(process.url + path)
		}
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != http.StatusServiceUnavailable {
			t.Errorf("%s: %s", path, response.Status)
		}
	}
	close(s.goOn)
	finishes(t, stream)
	process.ends(t)
	checkRows(t, s)
}

// TestASecondSIGTERM ends at once: the stream is cut, and its row says so.
func TestASecondSIGTERM(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	process := s.serve(t)
	s.newKey(t)
	stream := s.stream(t, once, process.url)
	process.signal(t, syscall.SIGTERM)
	process.says(t, "msg=\"stopping: answers")
	process.signal(t, syscall.SIGTERM)
	if _, err := io.ReadAll(stream); err == nil {
		t.Error("a stream that was cut looks like one that ended")
	}
	process.ends(t)
	if rows := s.rows(t); len(rows) != 1 || rows[0].Error != "gateway_stopped" || !rows[0].Estimated {
		t.Errorf("%+v", rows)
	}
}

// TestPromise2_SIGKILL leaves requests that have no row before the next start,
// and whoever asks the ledger meanwhile is told of them.
func TestPromise2_SIGKILL(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	process := s.serve(t)
	s.newKey(t)
	s.stream(t, once, process.url)
	process.signal(t, syscall.SIGKILL)
	<-process.ended
	for _, ask := range [][]string{{"usage"}, {"request", "list"}} {
		told, err := exec.Command("tollgate", append(ask, "--data-dir", s.folder)...).CombinedOutput()
		if err != nil || !strings.Contains(string(told), "not in this answer: 1. They come into it with the gateway's next start.") {
			t.Errorf("tollgate %s: %v\n%s", strings.Join(ask, " "), err, told)
		}
	}
}

// TestPromise7_SIGHUP puts another configuration in force; a stream ends as it
// began.
func TestPromise7_SIGHUP(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	process := s.serve(t)
	s.newKey(t)
	stream := s.stream(t, once, process.url)
	old, err := os.ReadFile(s.file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(s.file, append(old, "routes: [{models: [\"claude-haiku-*\"], upstreams: [provider]}]\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	process.signal(t, syscall.SIGHUP)
	process.says(t, "msg=\"the configuration was")
	if err := s.ask(t, once, process.url); err == nil || !strings.HasPrefix(err.Error(), "404") {
		t.Errorf("the new configuration is not in force: %v", err)
	}
	close(s.goOn)
	finishes(t, stream)
	process.stops(t)
}

// TestSystemdIsTold how the process is, from its start to its end, and that
// another one is the one to look after.
func TestSystemdIsTold(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	systemd := newSupervisor(t)
	begin := func(flags ...string) *process {
		command := exec.Command("tollgate", append([]string{"serve", "--config", s.file}, flags...)...)
		command.Env = append(os.Environ(), "NOTIFY_SOCKET="+systemd.path, "WATCHDOG_USEC=20000")
		return s.begin(t, command).listens(t)
	}
	isReady := func(p *process) string { return "READY=1\nMAINPID=" + strconv.Itoa(p.Process.Pid) }
	first := begin()
	systemd.hears(t, isReady(first))
	systemd.hears(t, "WATCHDOG=1")
	first.signal(t, syscall.SIGHUP)
	systemd.hears(t, "RELOADING=1\nMONOTONIC_USEC=")
	systemd.hears(t, isReady(first))
	second := begin(takeoverFlag)
	systemd.hears(t, isReady(second))
	first.ends(t)
	second.signal(t, syscall.SIGTERM)
	systemd.hears(t, "STOPPING=1")
	second.ends(t)
}

// TestLiveness_AProcessThatCannotGoOn lets its answers finish and fails, for
// its supervisor to start another. It says that it stops, so that a watchdog
// that it has nothing good to tell any more does not cut them.
func TestLiveness_AProcessThatCannotGoOn(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	systemd := newSupervisor(t)
	opened, file := activation(t)
	command := exec.Command("activate", "serve", "--config", s.file)
	command.Env = append(os.Environ(), "NOTIFY_SOCKET="+systemd.path)
	command.ExtraFiles = []*os.File{file}
	process := s.begin(t, command).listens(t)
	s.newKey(t)
	stream := s.stream(t, once, process.url)
	breakSocket(t, opened)
	systemd.hears(t, "STOPPING=1")
	process.says(t, "cannot go on")
	close(s.goOn)
	finishes(t, stream)
	<-process.ended
	if status := process.ProcessState.ExitCode(); status != failed {
		t.Errorf("it ends with status %d", status)
	}
	checkRows(t, s)
}

// breakSocket makes a listening socket useless to all who have it.
func breakSocket(t *testing.T, listener *net.TCPListener) {
	t.Helper()
	raw, err := listener.SyscallConn()
	if err == nil {
		err = raw.Control(func(descriptor uintptr) { _ = syscall.Shutdown(int(descriptor), syscall.SHUT_RDWR) })
	}
	if err != nil {
		t.Fatal(err)
	}
}
