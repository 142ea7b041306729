package proxy

import (
	"bytes"
	"io"
	"net/http"
)

// statusOf is the status that an error in a stream would have had as an answer
// (providers.md 1.5, 2026-11-23).
var statusOf = map[string]int{
	"rate_limit_error": http.StatusTooManyRequests,
	"overloaded_error": 529,
	"timeout_error":    http.StatusRequestTimeout,
	"api_error":        http.StatusInternalServerError,
}

// failsEarly reads a stream up to its first event and says whether that is an
// error after which another upstream may do better: some say 200 before they
// know. What was read is not lost.
func (a *answer) failsEarly() bool {
	if a.StatusCode != http.StatusOK || !isStream(a.Header) {
		return false
	}
	var raw, said []byte
	turning := a.turning(a.Header.Clone())
	var err error
	for piece, n := make([]byte, smallWindow), 0; err == nil && !bytes.Contains(said, []byte("\n\n")) && len(raw) < errorBound; {
		n, err = a.Body.Read(piece)
		raw = append(raw, piece[:n]...)
		heard, _ := through(turning.decode, piece[:n], false)
		said = append(said, bytes.ReplaceAll(heard, []byte("\r"), nil)...) // a line may end in CR LF
	}
	a.Body = &rest{io.MultiReader(bytes.NewReader(raw), failing{err}, a.Body), a.Body}
	a.early = statusOf[errorOf(said)]
	return a.early != 0
}

// errorOf is the type of the error that an event is, empty for any other.
func errorOf(event []byte) string {
	data, isError := bytes.CutPrefix(event, []byte("event: error\ndata: "))
	if !isError {
		return ""
	}
	data, _, _ = bytes.Cut(data, []byte("\n"))
	return failureType(data)
}

// rest is a body of which the beginning has been read.
type rest struct {
	io.Reader
	io.Closer
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
