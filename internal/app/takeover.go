package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tollgate/internal/handover"
)

// patience is how long a process is waited for that holds the folder and does
// not answer: it is just starting, or just ending.
const patience = 5 * time.Second

// enter makes the data folder this process's own, or finds the one that will
// hand it over. takeover says that this process was started to do so.
func (a *App) enter(ctx context.Context, takeover bool) error {
	for since := time.Now(); ; {
		if held, err := a.folder.take(); held || err != nil {
			return err
		}
		if !handover.Supported {
			return a.folder.taken("; on this system one process cannot take over from another")
		}
		claim, err := handover.Ask(ctx, a.folder.file(handoverSocket), takeover)
		switch refusal, refused := errors.AsType[*handover.RefusedError](err); {
		case err == nil:
			a.claim = claim
			a.log.Info("another process will hand over", "pid", claim.PID)
			return nil
		case refused && !takeover:
			return a.folder.taken(", or take over from it without a cut, with --takeover")
		case refused:
			return a.folder.taken(fmt.Sprintf("; it does not hand over (%s)", refusal.Reason))
		case errors.Is(err, handover.ErrGone):
			since = time.Now() // it answered, and is ending
		case !errors.Is(err, handover.ErrNobody):
			return a.folder.taken(fmt.Sprintf("; it cannot be asked to hand over (%v)", err))
		case time.Since(since) > patience:
			return a.folder.taken("; it does not answer and cannot hand over")
		}
		if err := pause(ctx); err != nil {
			return err
		}
	}
}

// pause waits for a moment.
func pause(ctx context.Context) error {
	select {
	case <-time.After(glance):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// inherit takes the predecessor's sockets, if there is one, and the folder.
func (a *App) inherit(ctx context.Context) (sockets, error) {
	if a.claim == nil {
		return nil, nil
	}
	taken, err := a.claim.Take(ctx)
	if errors.Is(err, handover.ErrGone) {
		a.log.Warn("the process that was to hand over has gone; this one goes on without its sockets")
		err = nil
	}
	if err == nil {
		err = a.folder.wait(ctx)
	}
	if err != nil {
		sockets(taken).close()
		return nil, err
	}
	return taken, nil
}

// relieve lets the predecessor go.
func (a *App) relieve() {
	if a.claim == nil {
		return
	}
	if err := a.claim.Serving(); err != nil {
		a.log.Warn("the process that has handed over could not be told that this one serves", "cause", err)
	}
	a.claim = nil
}
