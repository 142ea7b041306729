package admin

import (
	"testing"
	"time"
)

func TestParseTime(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		text    string
		towards direction
		want    string // empty: refused
	}{
		{"30d", backward, "2026-10-24T12:00:00Z"},
		{"30d", forward, "2026-12-23T12:00:00Z"},
		{"2w", backward, "2026-11-09T12:00:00Z"},
		{"12h", backward, "2026-11-23T00:00:00Z"},
		{"1h30m", forward, "2026-11-23T13:30:00Z"},
		{"0d", backward, "2026-11-23T12:00:00Z"},
		{"2026-11-01", backward, "2026-10-31T23:00:00Z"},
		{"2026-07-01", backward, "2026-06-30T22:00:00Z"},
		{"2026-11-01T09:30:00+05:30", backward, "2026-11-01T04:00:00Z"},
		{"2026-11-01T09:30:00.5Z", backward, "2026-11-01T09:30:00.5Z"},
		{"", backward, ""},
		{"yesterday", backward, ""},
		{"2026-13-01", backward, ""},
		{"2026-02-30", backward, ""},
		{"d", backward, ""},
		{"-3d", backward, ""},
		{"-3h", backward, ""},
		{"1.5d", backward, ""},
		{"9999w", backward, ""},
		{"2000000h", backward, ""},
		{"99999999999999999999d", backward, ""},
	} {
		at, err := parseTime(test.text, now, berlin, test.towards)
		got := at.UTC().Format(time.RFC3339Nano)
		if err != nil {
			got = ""
		}
		if got != test.want {
			t.Errorf("parseTime(%q) = %q (%v), want %q", test.text, got, err, test.want)
		}
	}
}

func FuzzParseTime(f *testing.F) {
	for _, text := range []string{"30d", "2w", "1h30m", "2026-11-01", "2026-11-01T09:30:00Z", "-1h", "9999w"} {
		f.Add(text)
	}
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, text string) {
		span, err := parseSpan(text)
		if err == nil && (span < 0 || span > maxSpan) {
			t.Errorf("%q is a span of %v", text, span)
		}
		back, backErr := parseTime(text, now, time.UTC, backward)
		ahead, aheadErr := parseTime(text, now, time.UTC, forward)
		if (backErr == nil) != (aheadErr == nil) {
			t.Errorf("%q is a time in one direction only: %v, %v", text, backErr, aheadErr)
		}
		if err == nil && now.Sub(back) != ahead.Sub(now) {
			t.Errorf("%q goes back to %v and ahead to %v", text, back, ahead)
		}
	})
}

// TestADateBeginsWithItsFirstMoment also where the clocks skip its midnight.
func TestADateBeginsWithItsFirstMoment(t *testing.T) {
	for _, test := range []struct{ zone, date, want string }{
		{"America/Santiago", "2026-09-06", "2026-09-06T01:00:00-03:00"},
		{"America/Havana", "2026-03-08", "2026-03-08T01:00:00-04:00"},
		{"Atlantic/Azores", "2026-03-29", "2026-03-29T01:00:00Z"},
		{"Europe/Berlin", "2026-03-29", "2026-03-29T00:00:00+01:00"},
	} {
		zone, err := time.LoadLocation(test.zone)
		if err != nil {
			t.Fatal(err)
		}
		at, err := parseTime(test.date, time.Now(), zone, backward)
		if err != nil || at.Format(time.RFC3339) != test.want {
			t.Errorf("%s in %s begins at %s (%v), want %s", test.date, test.zone, at.Format(time.RFC3339), err, test.want)
		}
	}
}
