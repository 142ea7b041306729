package store

import (
	"maps"
	"slices"
	"time"
)

// quarter is the grain in which the database groups by time, in microseconds:
// the offset of every time zone in use is a multiple of fifteen minutes, so a
// quarter of an hour never lies in two hours, days, weeks or months.
const quarter = int64(15 * time.Minute / time.Microsecond)

// buckets are the units of the calendar that reports may group by. Each writes
// the unit that a moment lies in, by the clock on the wall there: the text, and
// a text that sorts. They reckon with dates, not with midnights, since there
// are days without one.
var buckets = map[string]func(time.Time) (shown, order string){
	"hour":  hour,
	"day":   func(at time.Time) (string, string) { return same(at.Format(time.DateOnly)) },
	"week":  func(at time.Time) (string, string) { return same(monday(at).Format(time.DateOnly)) },
	"month": func(at time.Time) (string, string) { return same(at.Format("2006-01")) },
}

// Buckets are the names of those units.
func Buckets() []string { return slices.Sorted(maps.Keys(buckets)) }

func same(text string) (string, string) { return text, text }

// hour is written with its offset, since the clock shows one hour twice when
// summer ends. It goes back by what the clock shows, so that it stays on its
// own side of such a change.
func hour(at time.Time) (shown, order string) {
	start := at.Add(-time.Duration(at.Minute()) * time.Minute).Truncate(time.Minute)
	return start.Format(time.RFC3339), start.UTC().Format(time.RFC3339)
}

// monday is the date on which the week began.
func monday(at time.Time) time.Time {
	sinceMonday := (int(at.Weekday()) + 6) % 7
	return time.Date(at.Year(), at.Month(), at.Day()-sinceMonday, 0, 0, 0, 0, time.UTC)
}
