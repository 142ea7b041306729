package observe

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"
)

// TestACollectorsTroubleIsToldOnceAMinute, with what was lost since the last
// time, and so is its end.
func TestACollectorsTroubleIsToldOnceAMinute(t *testing.T) {
	var out bytes.Buffer
	now := time.Unix(1000, 0)
	c := complaint{now: func() time.Time { return now }, log: slog.New(slog.NewTextHandler(&out, nil))}
	gone := errors.New("gone")
	for _, step := range []struct {
		after time.Duration
		err   error
		lost  int64
		want  string
	}{
		{0, nil, 0, ""},
		{0, gone, 5, "lost=5"},
		{time.Second, gone, 6, ""},
		{58 * time.Second, gone, 7, ""},
		{time.Second, gone, 8, "lost=3"},
		{time.Second, nil, 9, "again"},
		{time.Second, nil, 9, ""},
		{time.Second, gone, 10, "lost=1"}, // another failure is told at once
		{time.Second, nil, 10, "again"},
		{time.Second, nil, 12, ""}, // slow, and told of a moment ago
		{time.Minute, nil, 13, "lost=3"},
		{time.Second, nil, 14, ""},
	} {
		out.Reset()
		now = now.Add(step.after)
		c.hear(step.err, step.lost)
		if got := out.String(); (got == "") != (step.want == "") || !strings.Contains(got, step.want) {
			t.Errorf("%+v: %q", step, got)
		}
	}
}
