package storetest

import (
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"tollgate"
	"tollgate/internal/store"
)

func testRequest(t *testing.T, s *store.Store) {
	ctx := t.Context()
	bare, whole := exchange(start), full(start.Add(time.Second))
	must(t, s.Append(ctx, []*tollgate.Exchange{bare, whole}))
	for _, x := range []*tollgate.Exchange{bare, whole} {
		got, err := s.Request(ctx, x.ID)
		must(t, err)
		want(t, "row", got, x)
	}
	got, err := s.Request(ctx, whole.UpstreamRequestID)
	must(t, err)
	want(t, "row by the provider's id", got.ID, whole.ID)
	for _, id := range []string{"req_nobody", ""} {
		_, err = s.Request(ctx, id)
		wantKind(t, err, tollgate.NotFound)
	}
}

// OneRowHoweverOftenAppended holds promise 2: what nobody knows to be stored
// can be appended again.
func OneRowHoweverOftenAppended(t *testing.T, s *store.Store) {
	ctx := t.Context()
	first, other := full(start), full(start.Add(time.Second))
	must(t, s.Append(ctx, []*tollgate.Exchange{first}))
	altered := *first
	altered.Cost++
	must(t, s.Append(ctx, []*tollgate.Exchange{&altered, other, other}))
	want(t, "rows", all(t, s), []*tollgate.Exchange{other, first})
}

// AllOrNothing holds promise 2: a batch that fails leaves nothing behind.
func AllOrNothing(t *testing.T, s *store.Store) {
	good, bad := exchange(start), exchange(start)
	bad.ID = ""
	if err := s.Append(t.Context(), []*tollgate.Exchange{good, bad}); err == nil {
		t.Error("a row without an id was stored")
	}
	want(t, "rows", len(all(t, s)), 0)
	must(t, s.Append(t.Context(), nil))
	must(t, s.Append(t.Context(), []*tollgate.Exchange{good})) // nothing of the failure is remembered
	want(t, "rows", all(t, s), []*tollgate.Exchange{good})
}

// ManyAppendAtOnce holds promise 2: no row is lost when many write and read,
// and readers see whole batches.
func ManyAppendAtOnce(t *testing.T, s *store.Store) {
	const writers, batches, rows = 8, 10, 20
	ctx := t.Context()
	var group sync.WaitGroup
	for writer := range writers {
		group.Go(func() {
			for range batches {
				var batch []*tollgate.Exchange
				for range rows {
					x := exchange(start)
					x.Session = strconv.Itoa(writer)
					batch = append(batch, x)
				}
				if err := s.Append(ctx, batch); err != nil {
					t.Error(err)
				}
			}
		})
		group.Go(func() {
			for range batches {
				report, err := s.Usage(ctx, tollgate.UsageQuery{By: []string{"session"}})
				if err != nil {
					t.Error(err)
				}
				for _, row := range report.Rows {
					if row.Requests%rows != 0 {
						t.Errorf("a reader saw %d rows of a batch of %d", row.Requests%rows, rows)
					}
				}
			}
		})
	}
	group.Wait()
	want(t, "rows", len(all(t, s)), writers*batches*rows)
}

func testPages(t *testing.T, s *store.Store) {
	ctx := t.Context()
	var ids []string
	for i := range 10 {
		x := exchange(start.Add(time.Duration(i) * time.Second))
		must(t, s.Append(ctx, []*tollgate.Exchange{x}))
		ids = append([]string{x.ID}, ids...)
	}
	var seen []string
	query := tollgate.RequestQuery{Limit: 3}
	for page := 1; ; page++ {
		rows, next, err := s.Requests(ctx, query)
		must(t, err)
		for _, x := range rows {
			seen = append(seen, x.ID)
		}
		if query.Cursor = next; next == "" {
			want(t, "pages", page, 4)
			break
		}
		must(t, s.Append(ctx, []*tollgate.Exchange{exchange(start.Add(time.Hour))})) // must not move the pages
	}
	want(t, "rows on all pages", seen, ids)

	rows, next, err := s.Requests(ctx, tollgate.RequestQuery{Limit: 13})
	must(t, err)
	want(t, "rows on one page that just holds them", len(rows), 13)
	want(t, "cursor after it", next, "")
	_, _, err = s.Requests(ctx, tollgate.RequestQuery{})
	wantKind(t, err, tollgate.Invalid)
}

func testSpan(t *testing.T, s *store.Store) {
	ctx := t.Context()
	for i := range 10 {
		must(t, s.Append(ctx, []*tollgate.Exchange{exchange(start.Add(time.Duration(i) * time.Microsecond))}))
	}
	must(t, s.Append(ctx, []*tollgate.Exchange{exchange(start.AddDate(0, 0, 1))}))
	for _, test := range []struct {
		since, until time.Time
		rows         int
	}{
		{time.Time{}, time.Time{}, 11},
		{start.Add(3 * time.Microsecond), time.Time{}, 8},
		{time.Time{}, start.Add(3 * time.Microsecond), 3},
		{start.Add(3 * time.Microsecond), start.Add(5 * time.Microsecond), 2},
		{start, start, 0},
		{start.AddDate(0, 0, 1), time.Time{}, 1},
		{time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), 11},
	} {
		rows, _, err := s.Requests(ctx, tollgate.RequestQuery{Since: test.since, Until: test.until, Limit: 100})
		must(t, err)
		want(t, "rows", len(rows), test.rows)
	}
}

func testFilter(t *testing.T, s *store.Store) {
	one, other := full(start), exchange(start.Add(time.Second))
	must(t, s.Append(t.Context(), []*tollgate.Exchange{one, other}))
	for name, value := range map[string]string{
		"key": one.Key, "credential": one.Credential, "developer": one.Developer, "service": one.Service, "team": one.Team,
		"session": one.Session, "agent": one.Agent, "parent_agent": one.ParentAgent,
		"request_class": one.RequestClass, "prompt": one.Prompt, "client": one.Client, "project": one.Project,
		"device": one.Device, "account": one.Account, "door": one.Door, "operation": string(one.Operation),
		"model": one.Model, "upstream": one.Upstream, "upstream_model": one.UpstreamModel, "served_model": one.ServedModel, "moved_from": one.MovedFrom,
		"status": strconv.Itoa(one.Status), "stream": "true", "stop_reason": one.StopReason, "estimated": "true",
		"interrupted": "true", "error": one.Error, "speed": one.Usage.Speed, "inference_geo": one.Usage.Geo, "service_tier": one.Usage.ServiceTier,
	} {
		want(t, "rows by "+name, idsWhere(t, s, map[string][]string{name: {value}}), []string{one.ID})
	}
	for _, test := range []struct {
		where map[string][]string
		ids   []string
	}{
		{map[string][]string{"status": {"200", strconv.Itoa(one.Status)}}, []string{other.ID, one.ID}},
		{map[string][]string{"stream": {"false"}, "upstream": {"anthropic"}}, []string{other.ID}},
		{map[string][]string{"stream": {"true"}, "upstream": {"anthropic"}}, nil},
		{map[string][]string{"developer": {""}}, []string{other.ID}},
		{map[string][]string{"developer": {"' OR 1=1 --"}}, nil},
		{map[string][]string{"developer": {}}, []string{other.ID, one.ID}},
	} {
		want(t, "rows", idsWhere(t, s, test.where), test.ids)
	}
}

func testFilterRefused(t *testing.T, s *store.Store) {
	for name, value := range map[string]string{
		"cost_nano_usd": "1", "day": "2026-11-23", "model; DROP TABLE request": "x", "": "",
		"status": "many", "stream": "perhaps",
	} {
		_, _, err := s.Requests(t.Context(), tollgate.RequestQuery{Limit: 1, Where: map[string][]string{name: {value}}})
		wantKind(t, err, tollgate.Invalid)
	}
	for _, cursor := range []string{"bogus", "req_", "req_zzzz", "0"} {
		_, _, err := s.Requests(t.Context(), tollgate.RequestQuery{Limit: 1, Cursor: cursor})
		wantKind(t, err, tollgate.Invalid)
	}
}

// all are all rows, newest first.
func all(t *testing.T, s *store.Store) []*tollgate.Exchange {
	t.Helper()
	rows, next, err := s.Requests(t.Context(), tollgate.RequestQuery{Limit: 100_000})
	must(t, err)
	want(t, "cursor", next, "")
	return rows
}

func idsWhere(t *testing.T, s *store.Store, where map[string][]string) []string {
	t.Helper()
	rows, _, err := s.Requests(t.Context(), tollgate.RequestQuery{Limit: 100, Where: where})
	must(t, err)
	var ids []string
	for x := range slices.Values(rows) {
		ids = append(ids, x.ID)
	}
	return ids
}
