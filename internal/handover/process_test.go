//go:build unix

package handover_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"testing"

	"tollgate/internal/handover"
)

// roleVariable makes a process of the test binary something else than a test.
const roleVariable = "TOLLGATE_TEST_ROLE"

func TestMain(m *testing.M) {
	roles := map[string]func() error{"successor": beSuccessor, "activator": beActivator, "activated": beActivated}
	role := roles[os.Getenv(roleVariable)]
	if role == nil {
		os.Exit(m.Run())
	}
	if err := role(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// beSuccessor takes over at the path in the first argument and echoes until
// it is killed.
func beSuccessor() error {
	claim, err := handover.Ask(context.Background(), os.Args[1], true)
	if err != nil {
		return err
	}
	given, err := claim.Take(context.Background())
	if err != nil {
		return err
	}
	if err := claim.Serving(); err != nil {
		return err
	}
	echo(given[0])
	return nil
}

// beActivator becomes, as systemd does, the process that the sockets are for.
// Its first argument says whether that is what the environment says.
func beActivator() error {
	pid := os.Getpid()
	if os.Args[1] == "other" {
		pid++
	}
	for name, value := range map[string]string{
		roleVariable: "activated", "LISTEN_PID": strconv.Itoa(pid), "LISTEN_FDS": "2", "LISTEN_FDNAMES": "listen.address:tollgate.socket",
	} {
		if err := os.Setenv(name, value); err != nil {
			return err
		}
	}
	return syscall.Exec(os.Args[0], os.Args[:1], os.Environ())
}

// beActivated answers one connection on each socket with the name of the
// socket.
func beActivated() error {
	listeners, err := handover.Activated()
	if err != nil {
		return err
	}
	if os.Getenv("LISTEN_FDS") != "" {
		return fmt.Errorf("the environment is passed on")
	}
	fmt.Println(len(listeners))
	for _, each := range listeners {
		if each.Address != each.Addr().String() || !each.Given {
			return fmt.Errorf("%+v", each.Label)
		}
		connection, err := each.Accept()
		if err != nil {
			return err
		}
		if _, err := bufio.NewReader(connection).ReadString('\n'); err != nil {
			return err
		}
		fmt.Fprintln(connection, each.Name)
		connection.Close()
	}
	return nil
}

func command(t *testing.T, role string, args ...string) *exec.Cmd {
	t.Helper()
	process := exec.CommandContext(t.Context(), os.Args[0], args...)
	process.Env = append(os.Environ(), roleVariable+"="+role)
	process.Stderr = os.Stderr
	return process
}

// TestPromise7_AnotherProcessTakesTheSocket, with what waits in its queue.
func TestPromise7_AnotherProcessTakesTheSocket(t *testing.T) {
	t.Parallel()
	h := newHolder(listen(t, "one"))
	address := h.give[0].Addr()
	path, _ := answerFor(t, h)
	var waiting []net.Conn
	for i := range 20 {
		waiting = append(waiting, dial(t, address, fmt.Sprint(i)))
	}
	process := command(t, "successor", path)
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = process.Process.Kill()
		_ = process.Wait() // "signal: killed"
	}()
	await(t, h.retired, "the end of the hand-over")
	for i, connection := range waiting {
		echoes(t, connection, fmt.Sprint(i))
	}
	echoes(t, dial(t, address, "new"), "new")
}

// TestASuccessorThatIsKilled after it has been given everything.
func TestASuccessorThatIsKilled(t *testing.T) {
	t.Parallel()
	h := patient{newHolder(listen(t, "one")), make(chan struct{})}
	path, _ := answerFor(t, h)
	process := command(t, "successor", path)
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	await(t, h.consented, "the successor")
	if err := process.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = process.Wait() // "signal: killed"
	close(h.goOn)
	await(t, h.resumed, "the holder to be told")
	go echo(h.give[0])
	echoes(t, dial(t, h.give[0].Addr(), "still here"), "still here")
}

// TestActivation: sockets that systemd opened are taken by the process they
// are meant for, by their names, and by no other.
func TestActivation(t *testing.T) {
	t.Parallel()
	for whose, want := range map[string]string{"own": "2\n", "other": "0\n"} {
		process := command(t, "activator", whose)
		var addresses []net.Addr
		for range 2 {
			opened, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			file, err := opened.(*net.TCPListener).File()
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			addresses = append(addresses, opened.Addr())
			process.ExtraFiles = append(process.ExtraFiles, file)
			opened.Close()
		}
		var answers []net.Conn
		for _, address := range addresses {
			answers = append(answers, dial(t, address, ""))
		}
		out, err := process.Output()
		if err != nil || string(out) != want {
			t.Errorf("%s: %q, %v", whose, out, err)
		}
		if whose == "own" {
			echoes(t, answers[0], "listen.address")
			echoes(t, answers[1], "tollgate.socket")
		}
	}
}
