package cred

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

const (
	clockSkew       = 30 * time.Second
	exchangeTimeout = 30 * time.Second
	exchangeRetry   = 10 * time.Second // after a failed early renewal, and the least between two
	openLife        = 15 * time.Minute // after which a credential without an end is looked for again
)

// grant is what an exchange gave. Without a life it holds until it is replaced.
type grant[T any] struct {
	value T
	life  time.Duration
}

// until is a grant's life when its end is known; the zero time is none.
func until(end, now time.Time) time.Duration {
	if end.IsZero() {
		return 0
	}
	return max(end.Sub(now), 1)
}

// source hands out something that expires. It is fetched by the first who asks,
// and anew beside the traffic once three quarters of its life are over; nobody
// waits for that as long as the one at hand holds, and only one is ever being
// fetched.
type source[T any] struct {
	fetch func(context.Context) (grant[T], error)
	now   func() time.Time
	log   *slog.Logger

	exchange singleflight.Group

	mu      sync.Mutex
	value   T
	renewAt time.Time // from then on a new one is fetched beside the traffic
	deadAt  time.Time // from then on requests wait for a new one
}

// current waits only while there is nothing that still holds, and then as long
// as ctx allows.
func (s *source[T]) current(ctx context.Context) (value T, err error) {
	s.mu.Lock()
	held, now, renewAt, deadAt := s.value, s.now(), s.renewAt, s.deadAt
	s.mu.Unlock()

	if now.Before(renewAt) {
		return held, nil
	}
	fetched := s.exchange.DoChan("", s.renew)
	if now.Before(deadAt) {
		return held, nil
	}
	select {
	case result := <-fetched:
		if result.Err != nil {
			return value, result.Err
		}
		return result.Val.(T), nil
	case <-ctx.Done():
		return value, context.Cause(ctx)
	}
}

// renew fetches and remembers. It belongs to no one request, so that one
// client's hang-up does not fail the others. Who asks for it just after another
// exchange has ended gets what that one brought.
func (s *source[T]) renew() (any, error) {
	s.mu.Lock()
	held, fresh := s.value, s.now().Before(s.renewAt)
	s.mu.Unlock()
	if fresh {
		return held, nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), exchangeTimeout)
	defer cancel()
	granted, err := s.fetch(ctx)

	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		s.failed(err)
		return nil, err
	}
	s.keep(granted)
	return s.value, nil
}

// failed puts the next try off, unless there is nothing to live on. s.mu is
// held.
func (s *source[T]) failed(cause error) {
	now := s.now()
	s.renewAt = now.Add(exchangeRetry)
	if !now.Before(s.deadAt) {
		s.renewAt = time.Time{}
	}
	s.log.Error("the exchange for a provider token failed", "cause", cause, "token_valid_until", s.deadAt)
}

// keep remembers a grant. s.mu is held.
func (s *source[T]) keep(granted grant[T]) {
	now := s.now()
	s.value = granted.value
	if granted.life == 0 {
		s.renewAt, s.deadAt = now.Add(openLife), now.AddDate(100, 0, 0)
		return
	}
	holds := max(granted.life-clockSkew, 0)
	s.deadAt = now.Add(holds)
	s.renewAt = now.Add(max(granted.life*3/4-clockSkew, min(exchangeRetry, holds)))
}
