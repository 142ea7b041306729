package sink

import (
	"context"
	"errors"
)

// aside does what cannot be broken off, such as a write to a disk that hangs, so
// that nobody has to wait for its end. Nothing new is begun before what was left
// alone has ended.
type aside chan struct{}

func newAside() aside { return make(aside, 1) }

var errHangs = errors.New("what was written before has not ended yet")

func (a aside) do(ctx context.Context, write func() error) error {
	select {
	case a <- struct{}{}:
	case <-ctx.Done():
		return errHangs
	}
	done := make(chan error, 1)
	go func() {
		err := write()
		<-a
		done <- err
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
