package admin

import (
	"strconv"
	"strings"
	"time"

	"tollgate"
)

// direction is where a span such as "30d" counts to from now.
type direction time.Duration

const (
	forward  direction = 1
	backward direction = -1
)

// maxSpan keeps sums of times far from overflow.
const maxSpan = 100 * 366 * day

const day = 24 * time.Hour

// parseTime reads what a person writes for a point in time: RFC 3339, a date
// (its first moment in zone), or a span that counts from now.
func parseTime(text string, now time.Time, zone *time.Location, towards direction) (time.Time, error) {
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at, nil
	}
	if at, err := time.ParseInLocation(time.DateOnly, text, zone); err == nil {
		return firstMoment(at, text), nil
	}
	span, err := parseSpan(text)
	if err != nil {
		return time.Time{}, tollgate.Errorf(tollgate.Invalid,
			"%q is not a time; write a date such as 2026-11-01, a time such as 2026-11-01T09:30:00Z, or a span such as 30d: %s", text, spanUnits)
	}
	return now.Add(span * time.Duration(towards)), nil
}

// firstMoment puts right a date whose midnight the clocks skip: it begins when
// they have been put forward.
func firstMoment(at time.Time, date string) time.Time {
	if at.Format(time.DateOnly) != date {
		_, at = at.ZoneBounds()
	}
	return at
}

// spanUnits is for who has used another.
const spanUnits = "the units are m (minutes), h (hours), d (days) and w (weeks), and months and years, which differ in length, have none"

// parseSpan reads a length of time: "90d" and "2w" besides what Go reads. A
// day is 24 hours.
func parseSpan(text string) (time.Duration, error) {
	span, err := time.ParseDuration(text)
	if days, isDays := wholeDays(text); isDays {
		span, err = days, nil
	}
	if err != nil || span < 0 || span > maxSpan {
		return 0, tollgate.Errorf(tollgate.Invalid, "%q is not a span of time; write for example 24h or 90d: %s", text, spanUnits)
	}
	return span, nil
}

// wholeDays reads "90d" and "2w".
func wholeDays(text string) (time.Duration, bool) {
	number, isDays := strings.CutSuffix(text, "d")
	scale := day
	if !isDays {
		var isWeeks bool
		if number, isWeeks = strings.CutSuffix(text, "w"); !isWeeks {
			return 0, false
		}
		scale = 7 * day
	}
	count, err := strconv.ParseUint(number, 10, 13) // 8,191 weeks are far from overflow
	if err != nil {
		return 0, false
	}
	return time.Duration(count) * scale, true
}

// parsePast reads a bound of a report; the empty text is the zero time.
func parsePast(text string, now time.Time, zone *time.Location) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	return parseTime(text, now, zone, backward)
}
