package storetest

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"tollgate"
	"tollgate/internal/store"
)

// testCalendar appends a request at each moment and expects the buckets.
func testCalendar(t *testing.T, s *store.Store) {
	berlin, kathmandu := zone(t, "Europe/Berlin"), zone(t, "Asia/Kathmandu")
	moments := []string{
		"2026-03-28T22:59:59Z", // 23:59 in Berlin on the day before the 23-hour day
		"2026-03-28T23:00:00Z", // its midnight
		"2026-03-29T00:59:59Z", // 01:59 in winter time
		"2026-03-29T01:00:00Z", // 03:00 in summer time
		"2026-03-29T21:59:59Z", // its last second, 23 hours after its midnight
		"2026-03-29T22:00:00Z",
		"2026-10-25T00:30:00Z", // 02:30 in summer time, on the 25-hour day
		"2026-10-25T01:30:00Z", // 02:30 in winter time
		"2026-10-25T22:59:59Z", // its last second
		"2026-10-25T23:00:00Z",
		"2026-12-31T18:14:59Z", // 23:59 in Kathmandu
		"2026-12-31T18:15:00Z", // 00:00 on New Year's day in Kathmandu
	}
	for _, moment := range moments {
		at, err := time.Parse(time.RFC3339, moment)
		must(t, err)
		must(t, s.Append(t.Context(), []*tollgate.Exchange{exchange(at)}))
	}
	for _, test := range []struct {
		name     string
		unit     string
		location *time.Location
		since    string
		until    string
		rows     string // label=requests, in order
	}{
		{"spring", "day", berlin, "2026-03-01", "2026-04-01", "2026-03-28=1 2026-03-29=4 2026-03-30=1"},
		{"spring", "hour", berlin, "2026-03-28T23:00:00Z", "2026-03-29T02:00:00Z", "2026-03-29T00:00:00+01:00=1 2026-03-29T01:00:00+01:00=1 2026-03-29T03:00:00+02:00=1"},
		{"autumn", "day", berlin, "2026-10-01", "2026-11-01", "2026-10-25=3 2026-10-26=1"},
		{"autumn", "hour", berlin, "2026-10-25", "2026-10-25T02:00:00Z", "2026-10-25T02:00:00+02:00=1 2026-10-25T02:00:00+01:00=1"},
		{"weeks", "week", berlin, "2026-10-01", "2026-11-01", "2026-10-19=3 2026-10-26=1"},
		{"weeks", "week", time.UTC, "2026-12-01", "", "2026-12-28=2"},
		{"months", "month", berlin, "", "", "2026-03=6 2026-10=4 2026-12=2"},
		{"quarter hours", "month", kathmandu, "2026-12-01", "", "2026-12=1 2027-01=1"},
		{"quarter hours", "hour", kathmandu, "2026-12-01", "", "2026-12-31T23:00:00+05:45=1 2027-01-01T00:00:00+05:45=1"},
		{"no location", "day", nil, "2026-12-01", "", "2026-12-31=2"},
	} {
		t.Run(test.name+" by "+test.unit, func(t *testing.T) {
			report, err := s.Usage(t.Context(), tollgate.UsageQuery{
				By: []string{test.unit}, Location: test.location, Since: moment(t, test.since), Until: moment(t, test.until),
			})
			must(t, err)
			var rows []string
			for _, row := range report.Rows {
				rows = append(rows, row.By[test.unit]+"="+strconv.FormatInt(row.Requests, 10))
			}
			want(t, "rows", strings.Join(rows, " "), test.rows)
		})
	}
}

// moment reads a date or a time; empty is the zero time.
func moment(t *testing.T, text string) time.Time {
	t.Helper()
	if text == "" {
		return time.Time{}
	}
	if len(text) == len(time.DateOnly) {
		text += "T00:00:00Z"
	}
	at, err := time.Parse(time.RFC3339, text)
	must(t, err)
	return at
}

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	location, err := time.LoadLocation(name)
	must(t, err)
	return location
}

func testUsageBy(t *testing.T, s *store.Store) {
	for i := range 4 {
		x := exchange(start.Add(time.Duration(i) * 6 * time.Hour)) // 9, 15, 21 and 3 o'clock
		x.Developer, x.Stream, x.Status = []string{"ada", "bob"}[i%2], i == 0, 200+i
		must(t, s.Append(t.Context(), []*tollgate.Exchange{x}))
	}
	for _, test := range []struct {
		by   string
		rows string
	}{
		{"developer", "ada=2 bob=2"},
		{"stream", "false=3 true=1"},
		{"status", "200=1 201=1 202=1 203=1"},
		{"agent", "=4"},
		{"inference_geo,interrupted", "/false=4"},
		{"day,developer", "2026-11-23/ada=2 2026-11-23/bob=1 2026-11-24/bob=1"},
		{"developer,day", "ada/2026-11-23=2 bob/2026-11-23=1 bob/2026-11-24=1"},
		{"month,week,day", "2026-11/2026-11-23/2026-11-23=3 2026-11/2026-11-23/2026-11-24=1"},
	} {
		by := strings.Split(test.by, ",")
		report, err := s.Usage(t.Context(), tollgate.UsageQuery{By: by})
		must(t, err)
		var rows []string
		for _, row := range report.Rows {
			rows = append(rows, label(by, row)+"="+strconv.FormatInt(row.Requests, 10))
		}
		want(t, "by "+test.by, strings.Join(rows, " "), test.rows)
		want(t, "total", report.Total.Requests, 4)
	}
}

// label is a row's attributes in order.
func label(by []string, row tollgate.UsageRow) string {
	var values []string
	for _, name := range by {
		values = append(values, row.By[name])
	}
	return strings.Join(values, "/")
}

func testUsageOfNothing(t *testing.T, s *store.Store) {
	report, err := s.Usage(t.Context(), tollgate.UsageQuery{By: []string{"model", "day"}})
	must(t, err)
	want(t, "rows", len(report.Rows), 0)
	want(t, "total", report.Total, tollgate.UsageRow{})
	_, err = s.Usage(t.Context(), tollgate.UsageQuery{})
	must(t, err)
}

func testUsageRefused(t *testing.T, s *store.Store) {
	for _, by := range [][]string{{"cost_nano_usd"}, {"year"}, {""}, {"model, 1"}, {"model", "model"}} {
		_, err := s.Usage(t.Context(), tollgate.UsageQuery{By: by})
		wantKind(t, err, tollgate.Invalid)
	}
	_, err := s.Usage(t.Context(), tollgate.UsageQuery{Where: map[string][]string{"day": {"2026-11-23"}}})
	wantKind(t, err, tollgate.Invalid)
}

// TotalsEqualRows holds promise 3: reports over random rows equal the sums that
// are taken here, row by row and by other means, to the nano-dollar.
func TotalsEqualRows(t *testing.T, s *store.Store) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	berlin := zone(t, "Europe/Berlin")
	rows := randomRows(random, 1500)
	for batch := range slices.Chunk(rows, 500) {
		must(t, s.Append(t.Context(), batch))
	}
	key := map[string]func(*tollgate.Exchange) string{
		"developer": func(x *tollgate.Exchange) string { return x.Developer },
		"model":     func(x *tollgate.Exchange) string { return x.Model },
		"status":    func(x *tollgate.Exchange) string { return strconv.Itoa(x.Status) },
		"estimated": func(x *tollgate.Exchange) string { return strconv.FormatBool(x.Estimated) },
		"day":       func(x *tollgate.Exchange) string { return x.Time.In(berlin).Format("2006-01-02") },
		"month":     func(x *tollgate.Exchange) string { return x.Time.In(berlin).Format("2006-01") },
	}
	names := slices.Sorted(maps.Keys(key))
	for range 30 {
		random.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
		query := tollgate.UsageQuery{By: slices.Clone(names[:random.IntN(4)]), Location: berlin}
		if random.IntN(2) == 0 {
			query.Since = start.AddDate(0, 0, random.IntN(200))
			query.Until = query.Since.AddDate(0, 0, random.IntN(100))
		}
		if random.IntN(2) == 0 {
			query.Where = map[string][]string{"model": {"m0", "m2"}}
		}
		sums, total := sumUp(rows, query, key)
		report, err := s.Usage(t.Context(), query)
		must(t, err)
		got := map[string]tollgate.UsageRow{}
		for _, row := range report.Rows {
			if row.Requests > 0 {
				got[label(query.By, row)] = row
			}
		}
		want(t, "rows", got, sums)
		want(t, "total", report.Total, total)
	}
}

func randomRows(random *rand.Rand, n int) []*tollgate.Exchange {
	var rows []*tollgate.Exchange
	for range n {
		x := exchange(start.Add(time.Duration(random.Int64N(int64(300 * 24 * time.Hour)))))
		x.Developer, x.Model = "d"+strconv.Itoa(random.IntN(5)), "m"+strconv.Itoa(random.IntN(4))
		x.Status, x.Estimated = 200+random.IntN(3), random.IntN(4) == 0
		x.Cost = tollgate.Money(random.Int64N(1_000_000_000_000))
		x.Usage.Tokens = tollgate.Tokens{
			Input: random.Int64N(1e6), CacheWrite5m: random.Int64N(1e6), CacheWrite1h: random.Int64N(1e6),
			CacheRead: random.Int64N(1e6), Output: random.Int64N(1e6),
		}
		x.Usage.WebSearches = random.Int64N(3)
		rows = append(rows, x)
	}
	return rows
}

// sumUp answers the query the slow way.
func sumUp(rows []*tollgate.Exchange, query tollgate.UsageQuery, key map[string]func(*tollgate.Exchange) string) (map[string]tollgate.UsageRow, tollgate.UsageRow) {
	sums := map[string]tollgate.UsageRow{}
	var total tollgate.UsageRow
	for _, x := range rows {
		outside := x.Time.Before(query.Since) || !query.Until.IsZero() && !x.Time.Before(query.Until)
		if outside || query.Where != nil && !slices.Contains(query.Where["model"], x.Model) {
			continue
		}
		by := map[string]string{}
		for _, name := range query.By {
			by[name] = key[name](x)
		}
		sum := sums[label(query.By, tollgate.UsageRow{By: by})]
		sum.By = by
		plus(&sum, x)
		sums[label(query.By, sum)] = sum
		plus(&total, x)
	}
	return sums, total
}

func plus(sum *tollgate.UsageRow, x *tollgate.Exchange) {
	sum.Requests++
	sum.Tokens.Input += x.Usage.Input
	sum.Tokens.CacheWrite5m += x.Usage.CacheWrite5m
	sum.Tokens.CacheWrite1h += x.Usage.CacheWrite1h
	sum.Tokens.CacheRead += x.Usage.CacheRead
	sum.Tokens.Output += x.Usage.Output
	sum.WebSearches += x.Usage.WebSearches
	sum.Cost += x.Cost
	if x.Estimated {
		sum.Estimated++
	}
}
