package simulator

import (
	"context"
	"net"
	"net/http"
	"time"
)

// performance is an answer with everything that will go wrong with it.
type performance struct {
	status int
	header http.Header // set over the usual ones
	delay  time.Duration
	steps  []step
}

// play performs an answer to its end, or until the caller hangs up.
func (v *visit) play(p performance) {
	ctx := v.request.Context()
	if pause(ctx, p.delay) != nil {
		return
	}
	setOver(v.Header(), p.header)
	v.WriteHeader(p.status)
	control := http.NewResponseController(v)
	for _, move := range p.steps {
		if pause(ctx, move.wait) != nil || !v.perform(control, move) {
			return
		}
	}
	v.complete = ctx.Err() == nil
}

// perform makes one step and says whether there is more to come.
func (v *visit) perform(control *http.ResponseController, move step) bool {
	if len(move.bytes) > 0 {
		if _, err := v.Write(move.bytes); err != nil {
			return false
		}
	}
	if control.Flush() != nil { // the headers too, before a long silence
		return false
	}
	if move.cut == Unbroken {
		return true
	}
	v.complete = true
	if move.cut != CleanEOF {
		breakOff(control, move.cut)
	}
	return false
}

// breakOff ends the connection under the answer. It does not return where
// the connection cannot be taken over, as on HTTP/2.
func breakOff(control *http.ResponseController, how Break) {
	connection, _, err := control.Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := connection.(*net.TCPConn); ok && how == CutReset {
		tcp.SetLinger(0) // unsent data is dropped and the peer sees a reset
	}
	connection.Close()
}

// pause waits, or returns an error as soon as the caller has gone.
func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
