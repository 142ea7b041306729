package proxy_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"tollgate"
	"tollgate/internal/proxy"
)

// TestHowLongAnAnswerIsReadOn once its client has gone: a whole answer for ten
// minutes and no longer, anything else not at all. While the client is there,
// it may take as long as it likes.
func TestHowLongAnAnswerIsReadOn(t *testing.T) {
	for name, test := range map[string]struct {
		call  tollgate.Call
		stays time.Duration
	}{
		"a whole answer":    {tollgate.Call{Operation: tollgate.Messages}, 10 * time.Minute},
		"a stream":          {tollgate.Call{Operation: tollgate.Messages, Stream: true}, 0},
		"a count of tokens": {tollgate.Call{Operation: tollgate.CountTokens}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := &proxy.Proxy{Running: t.Context()}
				client, hangUp := context.WithCancel(t.Context())
				ctx, end := p.Attend(client, test.call)
				defer end()
				wantLife := func(when string, alive bool) {
					t.Helper()
					synctest.Wait()
					if (ctx.Err() == nil) != alive {
						t.Errorf("%s: %v", when, ctx.Err())
					}
				}
				time.Sleep(24 * time.Hour)
				wantLife("with its client", true)
				hangUp()
				if test.stays > 0 {
					time.Sleep(test.stays - time.Nanosecond)
					wantLife("just before the bound", true)
					time.Sleep(time.Nanosecond)
				}
				wantLife("at the bound", false)
			})
		})
	}
}

// TestAnAnswerThatIsReadOnEndsWithTheGateway at the latest.
func TestAnAnswerThatIsReadOnEndsWithTheGateway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		running, stop := context.WithCancel(t.Context())
		p := &proxy.Proxy{Running: running}
		client, hangUp := context.WithCancel(t.Context())
		ctx, end := p.Attend(client, tollgate.Call{Operation: tollgate.Messages})
		defer end()
		hangUp()
		stop()
		synctest.Wait()
		if ctx.Err() == nil {
			t.Error("it is read on")
		}
	})
}
