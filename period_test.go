package tollgate

import (
	"testing"
	"time"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	found, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// Midnight, month ends, leap days and the changes of the clock, in three zones.
func TestWindow(t *testing.T) {
	for _, test := range []struct {
		zone, at   string
		period     Period
		start, end string // UTC
	}{
		{"Europe/Berlin", "2026-11-23T00:00:00+01:00", PeriodDay, "2026-11-22T23:00:00Z", "2026-11-23T23:00:00Z"},
		{"Europe/Berlin", "2026-11-22T23:59:59+01:00", PeriodDay, "2026-11-21T23:00:00Z", "2026-11-22T23:00:00Z"},
		{"Europe/Berlin", "2026-10-25T02:30:00+01:00", PeriodDay, "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"}, // 25 hours
		{"Europe/Berlin", "2026-03-29T12:00:00+02:00", PeriodDay, "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"}, // 23 hours
		{"Europe/Berlin", "2026-10-25T12:00:00+01:00", PeriodMonth, "2026-09-30T22:00:00Z", "2026-10-31T23:00:00Z"},
		{"Europe/Berlin", "2026-11-23T00:00:00+01:00", PeriodWeek, "2026-11-22T23:00:00Z", "2026-11-29T23:00:00Z"},
		{"Europe/Berlin", "2026-11-22T23:59:59+01:00", PeriodWeek, "2026-11-15T23:00:00Z", "2026-11-22T23:00:00Z"},
		{"America/New_York", "2028-02-29T23:59:59-05:00", PeriodDay, "2028-02-29T05:00:00Z", "2028-03-01T05:00:00Z"},
		{"America/New_York", "2028-02-29T12:00:00-05:00", PeriodMonth, "2028-02-01T05:00:00Z", "2028-03-01T05:00:00Z"},
		{"America/New_York", "2027-02-28T12:00:00-05:00", PeriodMonth, "2027-02-01T05:00:00Z", "2027-03-01T05:00:00Z"},
		{"America/New_York", "2026-11-01T01:30:00-04:00", PeriodWeek, "2026-10-26T04:00:00Z", "2026-11-02T05:00:00Z"},
		{"America/New_York", "2026-12-31T23:59:59-05:00", PeriodMonth, "2026-12-01T05:00:00Z", "2027-01-01T05:00:00Z"},
		{"Asia/Kathmandu", "2026-11-23T23:50:00+05:45", PeriodDay, "2026-11-22T18:15:00Z", "2026-11-23T18:15:00Z"},
		{"Asia/Kathmandu", "2026-01-31T12:00:00+05:45", PeriodMonth, "2025-12-31T18:15:00Z", "2026-01-31T18:15:00Z"},
		{"America/Sao_Paulo", "2018-11-04T05:00:00-02:00", PeriodDay, "2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z"}, // without a midnight
		{"America/Havana", "2026-11-01T12:00:00-05:00", PeriodDay, "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z"},    // with two
	} {
		at, err := time.Parse(time.RFC3339, test.at)
		if err != nil {
			t.Fatal(err)
		}
		start, end := test.period.Window(at, zone(t, test.zone))
		if got, want := start.UTC().Format(time.RFC3339), test.start; got != want {
			t.Errorf("the %s of %s begins at %s, want %s", test.period, test.at, got, want)
		}
		if got, want := end.UTC().Format(time.RFC3339), test.end; got != want {
			t.Errorf("the %s of %s ends at %s, want %s", test.period, test.at, got, want)
		}
	}
	if start, end := PeriodTotal.Window(time.Now(), time.UTC); !start.IsZero() || !end.IsZero() {
		t.Error("the total has a window")
	}
}

// A window is all moments at which the calendar shows the same day, week or
// month, and windows follow each other without a gap: in zones that change the
// clock at midnight, by half an hour, and by a whole day.
func TestWindow_IsWhatTheCalendarShows(t *testing.T) {
	for _, each := range []struct {
		zone string
		year int
	}{
		{"UTC", 2028},
		{"Europe/Berlin", 2026},
		{"America/New_York", 2027},
		{"Asia/Kathmandu", 2026},
		{"America/Sao_Paulo", 2018}, // forward at midnight
		{"America/Havana", 2026},    // forward at midnight, back at one
		{"Asia/Beirut", 2022},       // both at midnight
		{"Africa/Cairo", 2024},
		{"America/Asuncion", 2023},
		{"Australia/Lord_Howe", 2026}, // by half an hour
		{"Pacific/Apia", 2011},        // without 30 December
		{"Atlantic/Azores", 2026},
		{"Asia/Gaza", 2023},
	} {
		place := zone(t, each.zone)
		last := time.Date(each.year+1, 2, 1, 0, 0, 0, 0, time.UTC)
		for _, period := range []Period{PeriodDay, PeriodWeek, PeriodMonth} {
			var start, end time.Time
			for at := time.Date(each.year, 1, 1, 0, 0, 0, 0, time.UTC); at.Before(last); at = at.Add(5 * time.Minute) {
				newStart, newEnd := period.Window(at, place)
				if at.Before(newStart) || !at.Before(newEnd) {
					t.Fatalf("%s: %s is not in its own %s, %s to %s", each.zone, at.In(place), period, newStart, newEnd)
				}
				if shown(period, at, place) != shown(period, newStart, place) || shown(period, newStart, place) == shown(period, newStart.Add(-time.Second), place) {
					t.Fatalf("%s: the %s of %s begins at %s", each.zone, period, at.In(place), newStart)
				}
				if !end.IsZero() && !newStart.Equal(start) && !newStart.Equal(end) {
					t.Fatalf("%s: after the %s that ends at %s comes the one that begins at %s", each.zone, period, end, newStart)
				}
				start, end = newStart, newEnd
			}
		}
	}
}

// shown is what the calendar shows.
func shown(period Period, at time.Time, place *time.Location) string {
	local := at.In(place)
	switch period {
	case PeriodWeek:
		return time.Date(local.Year(), local.Month(), local.Day()-(int(local.Weekday())+6)%7, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
	case PeriodMonth:
		return local.Format("2006-01")
	}
	return local.Format(time.DateOnly)
}
