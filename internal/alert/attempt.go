package alert

import (
	"context"
	"time"
)

// attemptBound is how long one attempt may take. One that is under way when the
// sender is to end has lastWords left, for one that is cut off is made again,
// and may then be the second that arrives.
const (
	attemptBound = 10 * time.Second
	lastWords    = time.Second
)

// attemptContext is what one attempt is made in.
func attemptContext(running context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(running), attemptBound)
	ending := context.AfterFunc(running, func() { time.AfterFunc(lastWords, cancel) })
	return ctx, func() { ending(); cancel() }
}
