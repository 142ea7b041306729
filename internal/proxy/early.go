package proxy

import (
	"bytes"
	"io"
	"net/http"
	"time"

	"tollgate/internal/dialect"
)

// statusOf is the status that an error in a stream would have had as an answer
// (providers.md 1.5, 2026-11-23).
var statusOf = map[string]int{
	"rate_limit_error": http.StatusTooManyRequests,
	"overloaded_error": 529,
	"timeout_error":    http.StatusRequestTimeout,
	"api_error":        http.StatusInternalServerError,
}

// earlyPatience is how long the first event of a stream is waited for where
// another upstream could still be asked; after that the client gets the headers.
const earlyPatience = 5 * time.Second

// failsEarly waits for the first event of a stream, or the first bytes of a whole
// answer, and says whether another upstream may do better: some say 200 before
// they know, and some connections break behind the headers. What was read is not
// lost.
func (a *answer) failsEarly() bool {
	if a.StatusCode != http.StatusOK {
		return false
	}
	begun := &beginning{body: a.Body, events: isStream(a.Header), done: make(chan struct{})}
	go begun.read(a.turning(a.Header.Clone()).decode)
	a.Body = begun
	late := time.NewTimer(min(a.to.FirstByte, earlyPatience))
	defer late.Stop()
	select {
	case <-begun.done:
		a.early, a.broke = statusOf[errorOf(begun.said)], begun.broke
	case <-late.C:
	}
	return a.early != 0 || a.broke != nil
}

// beginning is a body whose first event is read beside everything else. The
// goroutine that does so owns all of it until done is closed, and then whoever
// has the body. It ends when the body is closed.
type beginning struct {
	body   io.ReadCloser
	events bool // it is a stream of them
	done   chan struct{}
	said   []byte    // the first event in the form of the Messages API
	all    io.Reader // the body from its first byte on
	broke  error     // it ended before its first byte
}

func (b *beginning) read(decode dialect.Codec) {
	defer close(b.done)
	var raw []byte
	var err error
	for piece, n := make([]byte, smallWindow), 0; err == nil && !b.enough(raw); {
		n, err = b.body.Read(piece)
		raw = append(raw, piece[:n]...)
		heard, _ := through(decode, piece[:n], false)
		b.said = append(b.said, bytes.ReplaceAll(heard, []byte("\r"), nil)...) // a line may end in CR LF
	}
	if len(raw) == 0 {
		b.broke = err
	}
	b.all = io.MultiReader(bytes.NewReader(raw), failing{err}, b.body)
}

// enough says whether what was read tells how the answer begins.
func (b *beginning) enough(raw []byte) bool {
	if !b.events {
		return len(raw) > 0
	}
	return bytes.Contains(b.said, []byte("\n\n")) || len(raw) >= errorBound
}

// Read implements io.Reader.
func (b *beginning) Read(p []byte) (int, error) {
	<-b.done
	return b.all.Read(p)
}

// Close implements io.Closer.
func (b *beginning) Close() error { return b.body.Close() }

// errorOf is the type of the error that an event is, empty for any other.
func errorOf(event []byte) string {
	data, isError := bytes.CutPrefix(event, []byte("event: error\ndata: "))
	if !isError {
		return ""
	}
	data, _, _ = bytes.Cut(data, []byte("\n"))
	return failureType(data)
}

// failing is the place at which a body could not be read further; without an
// error it is none.
type failing struct{ error }

func (f failing) Read([]byte) (int, error) {
	if f.error == nil {
		return 0, io.EOF // of this part alone
	}
	return 0, f.error
}
