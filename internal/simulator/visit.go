package simulator

import (
	"bytes"
	"io"
	"net/http"
	"sync"
	"time"
)

// visit is one request being answered, and the http.ResponseWriter of its
// answer. The goroutine that serves the request owns it.
type visit struct {
	http.ResponseWriter
	request   *http.Request
	face      *face
	path      string // as it came, prefix and all
	start     time.Time
	body      []byte // whole
	buffer    *bytes.Buffer
	tooLarge  bool
	operation Operation

	caller string // the credential's public half, or the token
	region string // for which the request is signed; empty: it is not
	asked  *asked // what the path says; nil: it says nothing
	betas  []string

	status   int
	written  int64
	complete bool      // the answer was written to its end
	kept     *Received // nil when nothing is remembered
	served   Served
}

// asked is what a path says of a call, where it is not in the body.
type asked struct {
	model  string
	stream bool
}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// receive reads the whole request, so that a hang-up during the answer is
// noticed: net/http watches the connection once the body has been read.
func (s *Simulator) receive(w http.ResponseWriter, r *http.Request, f *face) *visit {
	v := &visit{ResponseWriter: w, request: r, face: f, path: r.URL.Path, start: s.config.Now(), buffer: buffers.Get().(*bytes.Buffer)}
	v.buffer.Reset()
	n, _ := io.Copy(v.buffer, io.LimitReader(r.Body, f.maxBody+1)) // a half-sent body is what came of it
	v.tooLarge = n > f.maxBody
	v.body = v.buffer.Bytes()
	v.kept = s.record.begin(v)
	return v
}

// finish ends the record and gives the buffer back.
func (s *Simulator) finish(v *visit) {
	canceled := !v.complete && v.request.Context().Err() != nil
	v.kept.end(v, canceled)
	buffers.Put(v.buffer)
	if s.config.Served != nil {
		s.config.Served(v.report(s.config.Now(), canceled))
	}
}

// WriteHeader notes the status and passes it on.
func (v *visit) WriteHeader(status int) {
	v.status = status
	v.ResponseWriter.WriteHeader(status)
}

// Write notes what is sent and passes it on.
func (v *visit) Write(p []byte) (int, error) {
	n, err := v.ResponseWriter.Write(p)
	v.written += int64(n)
	v.kept.sent(p[:n])
	return n, err
}

// Unwrap lets http.ResponseController flush and hijack.
func (v *visit) Unwrap() http.ResponseWriter { return v.ResponseWriter }
