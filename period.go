package tollgate

import "time"

// Period is how long a budget lasts before it begins anew.
type Period string

// The periods. A week begins on Monday; the total never begins anew.
const (
	PeriodDay   Period = "day"
	PeriodWeek  Period = "week"
	PeriodMonth Period = "month"
	PeriodTotal Period = "total"
)

// Known says whether it is one of the periods.
func (p Period) Known() bool {
	return p == PeriodDay || p == PeriodWeek || p == PeriodMonth || p == PeriodTotal
}

// Adjective is the period before a noun: "daily".
func (p Period) Adjective() string {
	switch p {
	case PeriodDay:
		return "daily"
	case PeriodWeek:
		return "weekly"
	case PeriodMonth:
		return "monthly"
	}
	return "total"
}

// Window is the span of the calendar there that a moment lies in: start is in
// it, end is not. Both are zero for the total. A day begins with its first
// moment, which is not midnight where the clock is put forward then.
func (p Period) Window(at time.Time, zone *time.Location) (start, end time.Time) {
	local := at.In(zone)
	year, month, day := local.Date()
	switch p {
	case PeriodDay:
		return startOfDay(year, month, day, zone), startOfDay(year, month, day+1, zone)
	case PeriodWeek:
		monday := day - (int(local.Weekday())+6)%7
		return startOfDay(year, month, monday, zone), startOfDay(year, month, monday+7, zone)
	case PeriodMonth:
		return startOfDay(year, month, 1, zone), startOfDay(year, month+1, 1, zone)
	}
	return time.Time{}, time.Time{}
}

// startOfDay is the first moment of a day, whose numbers may lie outside their
// usual ranges as in time.Date.
func startOfDay(year int, month time.Month, day int, zone *time.Location) time.Time {
	date := time.Date(year, month, day, 0, 0, 0, 0, time.UTC) // the day of the calendar
	start := time.Date(year, month, day, 0, 0, 0, 0, zone)
	if onDay(start, date) {
		return firstTwin(start, date)
	}
	// There is no midnight, or no such day at all: it begins with the change.
	before, after := start.ZoneBounds()
	if _, offset := start.Zone(); start.Add(time.Duration(offset) * time.Second).Before(date) {
		return after
	}
	return before
}

// firstTwin is the earlier one of two midnights, where the clock is put back
// within the first hour of a day and shows it twice.
func firstTwin(midnight, date time.Time) time.Time {
	changed, _ := midnight.ZoneBounds()
	if changed.IsZero() || midnight.Sub(changed) > 3*time.Hour {
		return midnight
	}
	_, before := changed.Add(-time.Nanosecond).Zone()
	_, after := changed.Zone()
	twin := midnight.Add(time.Duration(after-before) * time.Second)
	if before > after && onDay(twin, date) && twin.Before(changed) {
		return twin
	}
	return midnight
}

// onDay says whether the clock on the wall shows that day.
func onDay(at, date time.Time) bool {
	year, month, day := at.Date()
	return year == date.Year() && month == date.Month() && day == date.Day()
}
