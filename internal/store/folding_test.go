package store_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"tollgate"
	"tollgate/internal/audit"
)

// TestSeveralMayFoldTheLog at a time, while others read and write.
func TestSeveralMayFoldTheLog(t *testing.T) {
	a := newAudited(t)
	begun := a.at
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for range 10 {
				if err := a.Append(t.Context(), []*tollgate.Exchange{usual(begun.Add(time.Second))}); err != nil {
					t.Error(err)
				}
				if err := a.Overwrite(t.Context()); err != nil {
					t.Error(err)
				}
				if _, _, err := a.Requests(t.Context(), tollgate.RequestQuery{Limit: 1}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
}

// TestPromise5_AVerificationThatIsCutShort finds nothing, and says that it did not
// come to its end.
func TestPromise5_AVerificationThatIsCutShort(t *testing.T) {
	a := newAudited(t)
	a.append(t, 3000)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	for _, err := range a.Trail().Rows(ctx) {
		stop()
		if err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("%v", err)
		}
	}
	if report, err := audit.Verify(ctx, a.Trail(), a.Trail(), a.keys, nil); err == nil {
		t.Errorf("%+v", report)
	}
	ended := false
	for _, err := range a.Trail().Rows(ctx) {
		ended = err != nil
	}
	if !ended {
		t.Error("rows that could not be read are taken for rows that are not there")
	}
}
