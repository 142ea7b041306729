package handover_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"tollgate/internal/handover"
)

// holder is a predecessor that tells what it is asked.
type holder struct {
	refuse error
	give   []*handover.Listener

	consented, yielded, retired chan struct{}
	resumed                     chan error
}

func newHolder(give ...*handover.Listener) *holder {
	return &holder{
		give:      give,
		consented: make(chan struct{}, 10), yielded: make(chan struct{}, 10), retired: make(chan struct{}, 10),
		resumed: make(chan error, 10),
	}
}

func (h *holder) Consent(int, bool) error {
	h.consented <- struct{}{}
	return h.refuse
}

func (h *holder) Yield() ([]*handover.Listener, error) {
	h.yielded <- struct{}{}
	return h.give, nil
}

func (h *holder) Resume(cause error) { h.resumed <- cause }

func (h *holder) Retire() {
	for _, each := range h.give {
		_ = each.Close()
	}
	h.retired <- struct{}{}
}

// answerFor lets a holder answer at a path until the test ends.
func answerFor(t *testing.T, h handover.Holder) (path string, server *handover.Server) {
	t.Helper()
	folder, err := os.MkdirTemp("", "tg") // short enough for a socket
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(folder, "s")
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	server = handover.NewServer(h)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		server.Serve(listener)
	}()
	t.Cleanup(func() {
		_ = listener.Close()
		server.Close()
		<-ended
		_ = os.RemoveAll(folder)
	})
	return path, server
}

func listen(t *testing.T, name string) *handover.Listener {
	t.Helper()
	opened, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener, err := handover.NewListener(handover.Label{Name: name, Address: "127.0.0.1:0"}, opened)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	return listener
}

func ask(t *testing.T, path string) *handover.Claim {
	t.Helper()
	claim, err := handover.Ask(t.Context(), path, true)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = claim.Close() })
	return claim
}

func await[T any](t *testing.T, from <-chan T, what string) (value T) {
	t.Helper()
	select {
	case value = <-from:
	case <-time.After(20 * time.Second):
		t.Fatal("waited in vain for " + what)
	}
	return value
}

// dial connects and sends a word, which nobody may have read yet.
func dial(t *testing.T, address net.Addr, word string) net.Conn {
	t.Helper()
	connection, err := net.Dial(address.Network(), address.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = connection.Close() })
	if _, err := fmt.Fprintln(connection, word); err != nil {
		t.Fatal(err)
	}
	return connection
}

// echo answers every connection with its first line, until it is closed.
func echo(listener net.Listener) {
	for {
		connection, err := listener.Accept()
		if err != nil {
			return
		}
		go func() {
			defer connection.Close()
			if text, err := bufio.NewReader(connection).ReadString('\n'); err == nil {
				_, _ = io.WriteString(connection, text)
			}
		}()
	}
}

func echoes(t *testing.T, connection net.Conn, word string) {
	t.Helper()
	_ = connection.SetDeadline(time.Now().Add(20 * time.Second))
	if text, err := io.ReadAll(connection); err != nil || string(text) != word+"\n" {
		t.Errorf("the answer to %q is %q, %v", word, text, err)
	}
}

// TestPromise7_WhatWaitsInTheQueueIsServed: connections that nobody has
// accepted yet live through the end of the process that was to accept them.
func TestPromise7_WhatWaitsInTheQueueIsServed(t *testing.T) {
	t.Parallel()
	h := newHolder(listen(t, "one"), listen(t, "two"))
	path, _ := answerFor(t, h)
	claim := ask(t, path)
	given, err := claim.Take(t.Context())
	if err != nil || len(given) != 2 || given[0].Label != h.give[0].Label || given[1].Name != "two" {
		t.Fatalf("%v, %v", given, err)
	}
	var waiting []net.Conn
	for i := range 40 {
		waiting = append(waiting, dial(t, h.give[i%2].Addr(), fmt.Sprint(i)))
	}
	if err := claim.Serving(); err != nil {
		t.Fatal(err)
	}
	await(t, h.retired, "the predecessor's end")
	for _, listener := range given {
		defer listener.Close()
		go echo(listener)
	}
	for i, connection := range waiting {
		echoes(t, connection, fmt.Sprint(i))
	}
}

func TestAskingInVain(t *testing.T) {
	t.Parallel()
	nobody := filepath.Join(t.TempDir(), "s")
	if _, err := handover.Ask(t.Context(), nobody, true); !errors.Is(err, handover.ErrNobody) {
		t.Errorf("without a file: %v", err)
	}
	left, err := net.Listen("unix", nobody)
	if err != nil {
		t.Fatal(err)
	}
	left.(*net.UnixListener).SetUnlinkOnClose(false)
	left.Close()
	if _, err := handover.Ask(t.Context(), nobody, true); !errors.Is(err, handover.ErrNobody) {
		t.Errorf("with a file that was left behind: %v", err)
	}
	h := newHolder()
	h.refuse = errors.New("not today")
	path, _ := answerFor(t, h)
	_, err = handover.Ask(t.Context(), path, true)
	if refusal, ok := errors.AsType[*handover.RefusedError](err); !ok || refusal.Reason != "not today" {
		t.Errorf("a refusal: %v", err)
	}
}

// TestOneAtATime: who asks while another takes over waits for its turn.
func TestOneAtATime(t *testing.T) {
	t.Parallel()
	h := newHolder()
	path, _ := answerFor(t, h)
	first := ask(t, path)
	second := make(chan *handover.Claim)
	go func() {
		claim, err := handover.Ask(context.Background(), path, true)
		if err != nil {
			t.Error(err)
		}
		second <- claim
	}()
	if _, err := first.Take(t.Context()); err != nil {
		t.Fatal(err)
	}
	select {
	case <-second:
		t.Error("two take over at the same time")
	default:
	}
	if err := first.Close(); err != nil {
		t.Error(err)
	}
	if err := await(t, second, "the turn of the second").Close(); err != nil {
		t.Error(err)
	}
}

// TestASuccessorThatDies, at each step: the holder takes everything back, and
// hands over to the next.
func TestASuccessorThatDies(t *testing.T) {
	t.Parallel()
	h := newHolder(listen(t, "one"))
	path, _ := answerFor(t, h)
	for name, die := range map[string]func(*handover.Claim){
		"before it is ready": func(c *handover.Claim) { _ = c.Close() },
		"before it serves": func(c *handover.Claim) {
			given, err := c.Take(t.Context())
			if err != nil {
				t.Error(err)
			}
			for _, each := range given {
				_ = each.Close()
			}
			_ = c.Close()
		},
	} {
		claim := ask(t, path)
		die(claim)
		if cause := await(t, h.resumed, name); !errors.Is(cause, handover.ErrGone) {
			t.Errorf("%s: %v", name, cause)
		}
	}
	go echo(h.give[0])
	echoes(t, dial(t, h.give[0].Addr(), "still here"), "still here")
	claim := ask(t, path)
	if given, err := claim.Take(t.Context()); err != nil || len(given) != 1 {
		t.Fatal(given, err)
	}
	if err := claim.Serving(); err != nil {
		t.Fatal(err)
	}
	await(t, h.retired, "the end of the last hand-over")
}

// TestAPredecessorThatDies in the middle: the successor is told that what it
// waits for is free.
func TestAPredecessorThatDies(t *testing.T) {
	t.Parallel()
	h := newHolder()
	path, server := answerFor(t, h)
	claim := ask(t, path)
	server.Close()
	if _, err := claim.Take(t.Context()); !errors.Is(err, handover.ErrGone) {
		t.Errorf("it takes: %v", err)
	}
	await(t, h.resumed, "the holder to be told")
	if err := claim.Serving(); err != nil {
		t.Errorf("serving without a predecessor: %v", err)
	}
}

// patient is a holder that lets its successor wait.
type patient struct {
	*holder
	goOn chan struct{}
}

func (p patient) Yield() ([]*handover.Listener, error) {
	<-p.goOn
	return p.holder.Yield()
}

// TestAnAskerThatIsStopped waits no longer.
func TestAnAskerThatIsStopped(t *testing.T) {
	t.Parallel()
	h := patient{newHolder(), make(chan struct{})}
	path, _ := answerFor(t, h)
	claim := ask(t, path)
	enough := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	taken := make(chan error)
	go func() {
		_, err := claim.Take(ctx)
		taken <- err
	}()
	cancel(enough)
	if err := await(t, taken, "the asker"); !errors.Is(err, enough) {
		t.Error(err)
	}
	close(h.goOn)
	await(t, h.resumed, "the holder to be told")
}

// TestBadInput_Hello: whatever connects and talks nonsense is told so and
// changes nothing.
func TestBadInput_Hello(t *testing.T) {
	t.Parallel()
	h := newHolder()
	path, _ := answerFor(t, h)
	for _, said := range []string{
		"GET / HTTP/1.1\r\n\r\n", "{}\n", `{"say":"ready"}` + "\n", `{"say":"hello","version":1}` + "\n",
		`{"say":"hello","version":2,"sockets":[{"name":"a"}]}` + "\n",
	} {
		connection, err := net.Dial("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(connection, said); err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(connection)
		if err != nil || len(text) == 0 {
			t.Errorf("%q is answered %q, %v", said, text, err)
		}
		connection.Close()
	}
	select {
	case <-h.consented:
		t.Error("the holder was asked")
	default:
	}
}

// TestAPause: connections wait in the queue, and none is lost.
func TestAPause(t *testing.T) {
	t.Parallel()
	listener := listen(t, "one")
	listener.Pause()
	listener.Pause()
	accepted := make(chan net.Conn, 10)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			accepted <- connection
		}
	}()
	dial(t, listener.Addr(), "one")
	listener.Resume()
	await(t, accepted, "a connection after the pause").Close()
	dial(t, listener.Addr(), "two")
	await(t, accepted, "a connection without a pause").Close()
	listener.Pause()
	if err := listener.Close(); err != nil {
		t.Error(err)
	}
	await(t, ended, "the end of a listener that was closed in a pause")
}
