package check_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"tollgate"
	"tollgate/internal/check"
	"tollgate/internal/journal"
	"tollgate/internal/store"
)

var (
	org   = tollgate.Scope{Kind: tollgate.ScopeOrg}
	ciKey = tollgate.Scope{Kind: tollgate.ScopeKey, Name: "0123456789ab"}
)

// newSpent makes a folder whose requests are paid from a daily budget of all
// and from a total one for each key of the service: $0.002 each.
func newSpent(t *testing.T) (f folder, day, each string) {
	t.Helper()
	f = newFolder(t)
	s := f.open(t)
	defer closed(t, s)
	must(t, s.SetTimeZone(t.Context(), "Europe/Berlin"))
	for _, b := range []tollgate.Budget{
		{ID: "bgt_day", Scope: org, Period: tollgate.PeriodDay, Models: []string{"claude-opus-*"}, Hard: true},
		{ID: "bgt_each", Scope: tollgate.Scope{Kind: tollgate.ScopeService, Name: "ci"}, Period: tollgate.PeriodTotal, Each: true},
		{ID: "bgt_none", Scope: org, Period: tollgate.PeriodMonth, Models: []string{"claude-haiku-*"}},
	} {
		b.CreatedAt = noon
		_, err := s.SetBudget(t.Context(), b)
		must(t, err)
	}
	must(t, s.Append(t.Context(), []*tollgate.Exchange{request(0), request(2)}))
	return f, "bgt_day", "bgt_each"
}

func TestCountersThatFollowTheRows(t *testing.T) {
	t.Parallel()
	f, _, _ := newSpent(t)
	wantNone(t, f.check(t))
}

// Every difference between counters and rows that can be made by hand is named,
// with the budget and both values.
func TestDifferencesOfBudgets(t *testing.T) {
	t.Parallel()
	const (
		day = "budget bgt_day, daily of the organisation: "
		all = "from 2026-11-22T23:00:00Z to 2026-11-23T23:00:00Z"
		one = "budget bgt_each, total of service ci, for key 0123456789ab: "
	)
	for name, c := range map[string]struct {
		sql  string // $ID0 is the first request
		says []string
	}{
		"too much":        {"UPDATE budget_counter SET spent_nano_usd = spent_nano_usd + 1 WHERE budget = 'bgt_day'", []string{day, "$0.003000001", all, "$0.003"}},
		"too little":      {"UPDATE budget_counter SET spent_nano_usd = 0 WHERE budget = 'bgt_each'", []string{one, "$0.00 ", "in all", "$0.003"}},
		"gone":            {"DELETE FROM budget_counter WHERE budget = 'bgt_day'", []string{day, "no counter", all, "$0.003"}},
		"gone of a key":   {"DELETE FROM budget_counter WHERE budget = 'bgt_each'", []string{one, "no counter in all", "$0.003"}},
		"nobody paid":     {"INSERT INTO budget_counter (budget, member, starts_at, ends_at, spent_nano_usd) VALUES ('bgt_none', '', 0, 0, 7)", []string{"bgt_none", "$0.000000007", "no row"}},
		"nobody's key":    {"UPDATE budget_counter SET member = 'key:nobody' WHERE budget = 'bgt_each'", []string{"bgt_each", "key nobody", "$0.003", "no row"}},
		"key without":     {"UPDATE budget_counter SET member = 'key:nobody' WHERE budget = 'bgt_each'", []string{one, "no counter"}},
		"no budget":       {"UPDATE budget_counter SET budget = 'bgt_gone' WHERE budget = 'bgt_day'", []string{`"bgt_gone"`, "$0.003", "not there"}},
		"budget gone":     {"DELETE FROM budget WHERE id = 'bgt_day'", []string{`"bgt_day"`, "$0.003", "not there"}},
		"another end":     {"UPDATE budget_counter SET ends_at = ends_at + 1000000 WHERE budget = 'bgt_day'", []string{day, "to 2026-11-23T23:00:01Z", all}},
		"another begin":   {"UPDATE budget_counter SET starts_at = starts_at + 1000000 WHERE budget = 'bgt_day'", []string{day, "$0.003", "from 2026-11-22T23:00:01Z", "no row"}},
		"window without":  {"UPDATE budget_counter SET starts_at = starts_at + 1000000 WHERE budget = 'bgt_day'", []string{day, "no counter " + all, "$0.003"}},
		"no number":       {"UPDATE budget_counter SET spent_nano_usd = 'lots' WHERE budget = 'bgt_day'", []string{`"bgt_day"`, "cannot be read", "lots"}},
		"no whole number": {"UPDATE budget_counter SET spent_nano_usd = 1.5 WHERE budget = 'bgt_each'", []string{`"bgt_each"`, `"key:0123456789ab"`, "cannot be read"}},
		"row dearer":      {"UPDATE request SET cost_nano_usd = 5000000 WHERE id = '$ID0'", []string{day, "$0.003", "$0.007"}},
		"row gone":        {"DELETE FROM request WHERE id = '$ID0'", []string{day, "$0.003", "$0.002"}},
		"row of another":  {"UPDATE profile SET model = 'claude-haiku-5'", []string{"bgt_none", "no counter", "from 2026-10-31T23:00:00Z to 2026-11-30T23:00:00Z", "$0.003"}},
		"another scope":   {"UPDATE budget SET scope = 'key:nobody' WHERE id = 'bgt_day'", []string{"bgt_day", "key nobody", "$0.003", "no row"}},
		"made later":      {"UPDATE budget SET created_at = created_at + 86400000000 WHERE id = 'bgt_day'", []string{day, "$0.003", "no row"}},
		"another zone":    {"UPDATE setting SET value = 'UTC' WHERE name = 'time_zone'", []string{day, "no counter from 2026-11-23T00:00:00Z", "$0.003"}},
		"no zone":         {"UPDATE setting SET value = 'Mars/Olympus' WHERE name = 'time_zone'", []string{"cannot be read", "Mars/Olympus"}},
		"no list":         {"UPDATE budget SET models = '{' WHERE id = 'bgt_day'", []string{"cannot be read"}},
		"counted twice":   {"UPDATE setting SET value = '3' WHERE name = 'counted_through'", []string{day, "$0.004", "$0.003"}},
		"never counted":   {"INSERT INTO request (id, " + columnsButID + ") SELECT 'req_0sg000000000000000000000', " + columnsButID + " FROM request WHERE id = '$ID0'; UPDATE setting SET value = '6' WHERE name = 'counted_through'", []string{day, "$0.003", "$0.004"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, _, _ := newSpent(t)
			fill := strings.NewReplacer("$ID0", f.ids[0])
			f.change(t, fill.Replace(c.sql))
			wantSaid(t, f.check(t), "budget", c.says...)
		})
	}
}

const columnsButID = `time, profile_id, prompt, status,
	input_tokens, cache_write_5m_tokens, cache_write_1h_tokens, cache_read_tokens, output_tokens, thinking_tokens,
	web_searches, iterations, cost_nano_usd, estimated, interrupted,
	first_byte_ns, duration_ns, stop_reason, upstream_request_id, request_digest, forwarded_digest, response_digest,
	request_bytes, response_bytes, splices, error`

// Rows that the binary before this one has added and not counted are no
// difference: they are counted with the next.
func TestRowsOfThePreviousBinaryAreNoDifference(t *testing.T) {
	t.Parallel()
	f, _, _ := newSpent(t)
	f.change(t, "INSERT INTO request (id, "+columnsButID+") SELECT '"+tollgate.NewRequestID(noon)+"', "+columnsButID+" FROM request WHERE id = '"+f.ids[0]+"'")
	wantNone(t, f.check(t))
}

// Whatever is added, and whatever budgets come and go, while a check runs is no
// difference.
func TestNothingThatHappensMeanwhileIsADifference(t *testing.T) {
	t.Parallel()
	f, _, _ := newSpent(t)
	s := f.open(t)
	defer closed(t, s)
	var rows []*tollgate.Exchange
	for n := range 1050 { // two slices
		rows = append(rows, request(n%2))
	}
	must(t, s.Append(t.Context(), rows))
	done := make(chan struct{})
	var busy sync.WaitGroup
	busy.Go(func() {
		for n := 0; ; n++ {
			select {
			case <-done:
				return
			default:
				if err := somethingHappens(t.Context(), s, n); err != nil {
					t.Error(err)
					return
				}
			}
		}
	})
	for range 2 {
		wantNone(t, f.check(t))
	}
	close(done)
	busy.Wait()
}

// somethingHappens adds rows, of which some belong before those that are there,
// and sets a budget or removes it again.
func somethingHappens(ctx context.Context, s *store.Store, n int) error {
	if err := s.Append(ctx, []*tollgate.Exchange{request(0), request(1)}); err != nil {
		return err
	}
	period := []tollgate.Period{tollgate.PeriodDay, tollgate.PeriodWeek, tollgate.PeriodMonth, tollgate.PeriodTotal}[n%4]
	b, err := s.SetBudget(ctx, tollgate.Budget{ID: tollgate.NewBudgetID(), Scope: org, Period: period, CreatedAt: noon})
	if err == nil && n/4%2 == 1 { // it was there
		err = s.RemoveBudget(ctx, b.ID)
	}
	return err
}

// When days begin elsewhere meanwhile, nothing is compared, and that is said.
func TestZoneThatChangesMeanwhile(t *testing.T) {
	t.Parallel()
	f, _, _ := newSpent(t)
	s := f.open(t)
	defer closed(t, s)
	done := make(chan struct{})
	var busy sync.WaitGroup
	busy.Go(func() {
		for n := 0; ; n++ {
			select {
			case <-done:
				return
			default:
				if err := s.SetTimeZone(t.Context(), []string{"Asia/Tokyo", "UTC"}[n%2]); err != nil {
					t.Error(err)
				}
			}
		}
	})
	noted := 0
	for tries := 0; noted == 0 && tries < 100; tries++ {
		found := f.check(t)
		wantNone(t, found)
		for _, note := range found.Notes {
			if strings.Contains(note, "was not compared") {
				noted++
			}
		}
	}
	close(done)
	busy.Wait()
	if noted == 0 {
		t.Error("no check says that it did not compare")
	}
}

// running is where the budgets stand in the gateway that runs.
func running(day, each tollgate.Money) []tollgate.BudgetState {
	return []tollgate.BudgetState{
		{
			Budget: &tollgate.Budget{ID: "bgt_day", Scope: org, Period: tollgate.PeriodDay}, Spent: day,
			Start: time.Date(2026, 11, 22, 23, 0, 0, 0, time.UTC), Reset: time.Date(2026, 11, 23, 23, 0, 0, 0, time.UTC),
		},
		{Budget: &tollgate.Budget{ID: "bgt_each", Scope: tollgate.Scope{Kind: tollgate.ScopeService, Name: "ci"}, Period: tollgate.PeriodTotal}, Member: ciKey, Spent: each},
	}
}

// The gateway that runs knows at least what is stored, and everything that it
// knew before the journal was flushed is stored.
func TestDifferencesOfTheRunningGateway(t *testing.T) {
	t.Parallel()
	const spent = 3_000_000
	for name, c := range map[string]struct {
		looks [][]tollgate.BudgetState // two for each look; the last one stays
		now   time.Time
		away  bool // the database takes no rows
		says  []string
	}{
		"agrees":           {looks: [][]tollgate.BudgetState{running(spent, spent)}},
		"request ends":     {looks: [][]tollgate.BudgetState{running(spent, spent), running(spent+7, spent+7)}},
		"catches up":       {looks: [][]tollgate.BudgetState{running(spent-7, spent), running(spent-7, spent), running(spent, spent)}},
		"is loaded":        {looks: [][]tollgate.BudgetState{nil, nil, running(spent, spent)}},
		"day is over":      {looks: [][]tollgate.BudgetState{running(0, spent)[1:]}, now: noon.Add(11*time.Hour + time.Minute)},
		"nothing is taken": {looks: [][]tollgate.BudgetState{running(spent+7, spent)}, away: true},
		"behind":           {looks: [][]tollgate.BudgetState{running(spent-7, spent)}, says: []string{"bgt_day", "$0.002999993", "from 2026-11-22T23:00:00Z", "$0.003"}},
		"falls behind":     {looks: [][]tollgate.BudgetState{running(spent, spent), running(spent, spent-7)}, says: []string{"bgt_each", "key 0123456789ab", "$0.002999993", "in all", "$0.003"}},
		"ahead":            {looks: [][]tollgate.BudgetState{running(spent+7, spent)}, says: []string{"bgt_day", "$0.003000007", "$0.003"}},
		"does not know":    {looks: [][]tollgate.BudgetState{running(spent, spent)[:1]}, says: []string{"bgt_each", "$0.00 ", "$0.003"}},
		"knows nothing":    {looks: [][]tollgate.BudgetState{nil}, says: []string{"bgt_day", "$0.00 ", "$0.003"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, _, _ := newSpent(t)
			s := f.open(t)
			defer closed(t, s)
			var into journal.Ledger = s
			if c.away {
				into = &gate{Store: s, shut: make(chan struct{}), reached: make(chan struct{})}
			}
			j := f.openJournal(t, into)
			if c.away {
				j.End(request(7))
			}
			now := noon
			if !c.now.IsZero() {
				now = c.now
			}
			l := &check.Ledger{Store: s, Journal: f.journal(), Running: j, Now: func() time.Time { return now }}
			l.States = func() []tollgate.BudgetState {
				states := c.looks[0]
				if len(c.looks) > 1 {
					c.looks = c.looks[1:]
				}
				return states
			}
			found, err := l.Check(t.Context())
			must(t, err)
			if len(c.says) > 0 {
				wantSaid(t, found, "budget", c.says...)
			} else {
				wantNone(t, found)
			}
			if c.away {
				close(into.(*gate).shut)
			}
			must(t, j.Stop(t.Context()))
		})
	}
}
