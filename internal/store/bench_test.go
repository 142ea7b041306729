//go:build unix

package store_test

import (
	"fmt"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"tollgate"
	"tollgate/internal/audit"
	"tollgate/internal/store"
)

// BenchmarkAppend is the price of one row of the ledger, by the size of the
// batch it comes in. The CPU time is the whole process's, commits and
// checkpoints included.
func BenchmarkAppend(b *testing.B) {
	for _, size := range []int{1, 10, 100, 500} {
		b.Run(fmt.Sprintf("batch=%d", size), func(b *testing.B) {
			appendRows(b, open(b, filepath.Join(b.TempDir(), "tollgate.db")), size)
		})
	}
}

// BenchmarkAppendPaid is the same with ten budgets that each row is paid from.
func BenchmarkAppendPaid(b *testing.B) {
	for _, size := range []int{1, 10, 100, 500} {
		b.Run(fmt.Sprintf("batch=%d", size), func(b *testing.B) {
			s := open(b, filepath.Join(b.TempDir(), "tollgate.db"))
			setTen(b, s)
			appendRows(b, s, size)
		})
	}
}

// BenchmarkAppendRecorded is the same with a record of the audit log for each row.
func BenchmarkAppendRecorded(b *testing.B) {
	for _, size := range []int{1, 10, 100, 500} {
		b.Run(fmt.Sprintf("batch=%d", size), func(b *testing.B) {
			s := open(b, filepath.Join(b.TempDir(), "tollgate.db"))
			if err := s.BeginChain(b.Context(), audit.Scribe{}, time.Now()); err != nil {
				b.Fatal(err)
			}
			appendRows(b, s, size)
		})
	}
}

// setTen sets ten budgets of the organisation.
func setTen(b *testing.B, s *store.Store) {
	for n := range 10 {
		period := []tollgate.Period{tollgate.PeriodDay, tollgate.PeriodWeek, tollgate.PeriodMonth, tollgate.PeriodTotal}[n%4]
		_, err := s.SetBudget(b.Context(), tollgate.Budget{
			ID: tollgate.NewBudgetID(), Scope: tollgate.Scope{Kind: tollgate.ScopeOrg}, Period: period, Each: n%2 == 0,
			Models: []string{"claude-*", fmt.Sprint(n)}, CreatedAt: time.Now(),
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

func appendRows(b *testing.B, s *store.Store, size int) {
	var spent time.Duration
	for b.Loop() {
		b.StopTimer()
		batch := make([]*tollgate.Exchange, size)
		for i := range batch {
			batch[i] = usual(time.Now())
		}
		b.StartTimer()
		before := cpuTime()
		if err := s.Append(b.Context(), batch); err != nil {
			b.Fatal(err)
		}
		spent += cpuTime() - before
	}
	rows := float64(b.N * size)
	b.ReportMetric(float64(spent.Nanoseconds())/1000/rows, "cpu-µs/row")
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/1000/rows, "µs/row")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkRead is what questions cost in a ledger of a hundred thousand rows.
func BenchmarkRead(b *testing.B) {
	const rows = 100_000
	s := open(b, filepath.Join(b.TempDir(), "tollgate.db"))
	oldest := usual(time.Now())
	fill := []*tollgate.Exchange{oldest}
	for range rows - 1 {
		fill = append(fill, usual(time.Now()))
	}
	if err := s.Append(b.Context(), fill); err != nil {
		b.Fatal(err)
	}
	for name, ask := range map[string]func() error{
		"by id":          func() error { _, err := s.Request(b.Context(), oldest.ID); return err },
		"by upstream id": func() error { _, err := s.Request(b.Context(), oldest.UpstreamRequestID); return err },
		"count a new budget": func() error {
			budget, err := s.SetBudget(b.Context(), tollgate.Budget{
				ID: tollgate.NewBudgetID(), Scope: tollgate.Scope{Kind: tollgate.ScopeOrg}, Period: tollgate.PeriodTotal, Each: true, CreatedAt: oldest.Time,
			})
			if err != nil {
				return err
			}
			return s.RemoveBudget(b.Context(), budget.ID)
		},
		"budget book":    func() error { _, err := s.BudgetBook(b.Context(), time.Now(), nil); return err },
		"page":           func() error { _, _, err := s.Requests(b.Context(), tollgate.RequestQuery{Limit: 100}); return err },
		"usage":          func() error { _, err := s.Usage(b.Context(), tollgate.UsageQuery{}); return err },
		"usage by model": func() error { _, err := s.Usage(b.Context(), tollgate.UsageQuery{By: []string{"model"}}); return err },
		"usage by dev, day": func() error {
			_, err := s.Usage(b.Context(), tollgate.UsageQuery{By: []string{"developer", "day"}, Since: oldest.Time})
			return err
		},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if err := ask(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func cpuTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// BenchmarkVerify is what it takes to verify a log of this many records, with their
// rows of the ledger.
func BenchmarkVerify(b *testing.B) {
	for _, records := range []int{10_000, 1_000_000} {
		b.Run(fmt.Sprintf("records=%d", records), func(b *testing.B) {
			a := newAudited(b)
			for range records / 1000 {
				a.append(b, 1000)
			}
			a.checkpoint(b)
			for b.Loop() {
				if report := a.verify(b); !report.OK() || report.Records != int64(records) {
					b.Fatalf("%+v", report)
				}
			}
		})
	}
}

// BenchmarkRemoveRetired is what one go costs: 500 records.
func BenchmarkRemoveRetired(b *testing.B) {
	a := newAudited(b)
	for range b.N {
		a.append(b, 500)
	}
	a.checkpoint(b)
	if _, err := a.Retire(b.Context(), a.notary, store.Retirement{Before: a.at.Add(time.Hour), At: a.at}); err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	for more, err := true, error(nil); more; {
		if more, err = a.RemoveRetired(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}
