package upstream

import (
	"bytes"
	"io"
	"net"
	"strings"
	"testing"

	"tollgate/internal/bound"
	"tollgate/internal/payload"
)

// pair is both ends of a connection; what arrives at the far one is sent to
// the channel when the near one is closed.
func pair(t *testing.T) (plainConn, <-chan string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	arrived := make(chan string, 1)
	near, err := dialPlain(new(net.Dialer))(t.Context(), "tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { near.Close() })
	far, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		defer far.Close()
		all, _ := io.ReadAll(far)
		arrived <- string(all)
	}()
	plain, ok := near.(plainConn)
	if !ok {
		t.Fatalf("dialed a %T", near)
	}
	return plain, arrived
}

// watched counts how often the body is read, which copies it.
type watched struct {
	io.Reader
	inMemory
	reads int
}

func (w *watched) Read(p []byte) (int, error) {
	w.reads++
	return w.Reader.Read(p)
}

func TestABodyInMemoryLeavesWholeAndNoFurtherThanAnnounced(t *testing.T) {
	text := strings.Repeat("0123456789", 300_000)
	var room bound.Count
	room.Set(1 << 30)
	for name, test := range map[string]struct {
		read, announced int // bytes that went with the headers; bytes announced behind them
		straight        bool
	}{
		"all of it":               {0, len(text), true},
		"the rest":                {4000, len(text) - 4000, true},
		"nothing left":            {len(text), 0, true},
		"more than was announced": {10, 1000, false},
		"less than was announced": {10, len(text), true},
	} {
		body, err := payload.Of([]byte(text), &room)
		if err != nil {
			t.Fatal(err)
		}
		reader := body.NewReader()
		if _, err := io.ReadFull(reader, make([]byte, test.read)); err != nil {
			t.Fatal(err)
		}
		conn, arrived := pair(t)
		seen := &watched{Reader: reader, inMemory: reader.(inMemory)}
		bounded := &io.LimitedReader{R: seen, N: int64(test.announced)}
		n, err := conn.ReadFrom(bounded)
		conn.Close()
		want := text[test.read:min(test.read+test.announced, len(text))]
		if got := <-arrived; got != want || n != int64(len(want)) || err != nil {
			t.Errorf("%s: %d bytes arrived of %d, counted %d, error %v", name, len(got), len(want), n, err)
		}
		if straight := seen.reads == 0; straight != test.straight {
			t.Errorf("%s: straight out of its buffer: %v", name, straight)
		}
		if bounded.N != int64(test.announced-len(want)) {
			t.Errorf("%s: %d are still to come", name, bounded.N)
		}
		reader.Close()
		body.Release()
	}
	if held := room.Stats().Held; held != 0 {
		t.Errorf("%d bytes are still held", held)
	}
}

func TestWhatIsNotInMemoryIsCopied(t *testing.T) {
	for name, from := range map[string]io.Reader{
		"bounded":   io.LimitReader(io.MultiReader(strings.NewReader("he"), strings.NewReader("llo!")), 5),
		"unbounded": io.MultiReader(bytes.NewReader([]byte("hello"))),
	} {
		conn, arrived := pair(t)
		n, err := conn.ReadFrom(from)
		conn.Close()
		if got := <-arrived; got != "hello" || n != 5 || err != nil {
			t.Errorf("%s: %q arrived, counted %d, error %v", name, got, n, err)
		}
	}
}
