package proxy

import (
	"bytes"
	"cmp"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"tollgate"
	"tollgate/internal/dialect"
	"tollgate/internal/jsonedit"
	"tollgate/internal/upstream"
)

// answer is what an upstream answered to a call. Its body is the caller's to
// close.
type answer struct {
	*http.Response
	to    *upstream.Upstream
	call  tollgate.Call
	model string // as the upstream was asked for it
	from  destination
	early int   // the status that its stream begins with, in place of its own; 0: none
	broke error // why nothing came of its body; nil when something did
}

// status is what it comes to.
func (a *answer) status() int { return cmp.Or(a.early, a.StatusCode) }

// errorBound is how much of an error's body is taken into memory, in bytes.
const errorBound = 1 << 20

// errorPatience is how long an error's body may take, which comes with its
// headers nearly always.
const errorPatience = 10 * time.Second

// putAside takes an error's body into memory, so that the connection is free.
// One that broke off, or that does not end, breaks off there too.
func (a *answer) putAside() error {
	from := a.Body
	late := time.AfterFunc(min(a.to.FirstByte, errorPatience), func() { _ = from.Close() }) // which ends the reading
	defer late.Stop()
	body, err := io.ReadAll(io.LimitReader(from, errorBound))
	_ = from.Close() // all that is wanted of it has been read
	a.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), failing{err}))
	return err
}

// forget lets go of an answer that was put aside and returns err.
func (a *answer) forget(err error) error {
	if a != nil {
		_ = a.Body.Close()
	}
	return err
}

// teaches says whether the answer refuses a part of the request that the
// upstream does without from now on.
func (a *answer) teaches(body []byte) bool {
	if a.StatusCode != http.StatusBadRequest || a.to.PlainErrors() || a.putAside() != nil {
		return false
	}
	text, _ := io.ReadAll(a.Body) // it is in memory
	a.Body = io.NopCloser(bytes.NewReader(text))
	return a.to.Learn(a.call, body, a.model, messageOf(text))
}

// messageOf is what an error says, in whichever of the usual shapes.
func messageOf(body []byte) string {
	detail, _ := jsonedit.Find(body, "error")
	for _, object := range [][]byte{detail.Value, body} {
		if member, ok := jsonedit.Find(object, "message"); ok {
			text, _ := member.Text()
			return text
		}
	}
	return ""
}

// retryAfter is how long the upstream wants to be left alone; 0 when it does
// not say. Source of the header's two forms: RFC 9110, 10.2.3.
func (a *answer) retryAfter(now time.Time) time.Duration {
	text := strings.TrimSpace(a.Header.Get("Retry-After"))
	if seconds, err := strconv.Atoi(text); err == nil {
		return max(time.Duration(seconds)*time.Second, 0)
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(at.Sub(now), 0)
	}
	return 0
}

// moreTelling is the one of two answers that says more of what a client can act
// on: that it is too fast before that the provider is overloaded, and either
// before that the gateway may not go in. a may be nil; of two that say as much
// the first counts.
func moreTelling(a, b *answer) *answer {
	if a == nil || telling(b.status()) < telling(a.status()) {
		_ = a.forget(nil)
		return b
	}
	_ = b.forget(nil)
	return a
}

// mostTelling are the statuses that say most, in order, and those that say least.
var mostTelling = [...]int{
	http.StatusTooManyRequests, 529, http.StatusServiceUnavailable, 0,
	http.StatusNotFound, http.StatusForbidden, http.StatusUnauthorized, http.StatusNotImplemented,
}

func telling(status int) int {
	if at := slices.Index(mostTelling[:], status); at >= 0 {
		return at
	}
	return slices.Index(mostTelling[:], 0)
}

// turning is what makes of an answer's bytes those that are heard, in the form
// of the Messages API, and those that the client is told, in its own dialect.
// The zero turning changes nothing.
type turning struct {
	decode, encode dialect.Codec
	verbatim       bool // told as it came, though it is heard decoded
	deaf           bool // what came could not be decoded
}

// turning makes it, and writes into header what is then true of the answer.
func (a *answer) turning(header http.Header) *turning {
	heard := header
	t := &turning{verbatim: a.call.Dialect == a.to.Dialect()}
	if t.verbatim {
		heard = header.Clone()
	}
	if t.decode = a.to.Decode(a.call, a.StatusCode, heard); !t.verbatim {
		t.encode = dialectOf(a.call.Door).Encode(a.call, a.StatusCode, header)
	}
	if t.encode != nil || t.decode != nil && !t.verbatim {
		header.Del("Content-Length")
	}
	return t
}

// translates says whether the client's dialect is not the one that comes.
func (t *turning) translates() bool { return !t.verbatim && (t.decode != nil || t.encode != nil) }

// turn takes the next bytes of the answer, last when they are. What it returns
// is good until the next call.
func (t *turning) turn(piece []byte, last bool) (heard, told []byte, err error) {
	if heard, err = through(t.decode, piece, last); t.verbatim {
		if t.deaf = t.deaf || err != nil; t.deaf {
			heard = nil
		}
		return heard, piece, nil
	}
	told, failed := through(t.encode, heard, last && err == nil)
	if err == nil {
		err = failed
	}
	return heard, told, err
}

// through passes bytes through a codec, if there is one.
func through(codec dialect.Codec, piece []byte, last bool) ([]byte, error) {
	if codec == nil {
		return piece, nil
	}
	turned, err := codec.Turn(piece)
	if err != nil || !last {
		return turned, err
	}
	turned = slices.Clone(turned)
	rest, err := codec.End()
	return append(turned, rest...), err
}
