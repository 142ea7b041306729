package audit

import (
	"bytes"
	"cmp"
	"context"
	"iter"
	"maps"
	"slices"

	"tollgate"
)

// Rows is the ledger as the audit log has to agree with it.
type Rows interface {
	// Rows are all of them since the log was begun, in no order.
	Rows(ctx context.Context) iter.Seq2[tollgate.AuditedRow, error]
}

// checkRows holds the ledger against the log, both ways: it writes the line of
// each row's record anew. Where in the chain that stands, the chain has proved.
func (v *verification) checkRows(ctx context.Context, rows Rows) error {
	before := len(v.Faults)
	anywhere := tollgate.AuditHead{Chain: "chn_"}
	begin := len(prefix(anywhere))
	for row, err := range rows.Rows(ctx) {
		if err != nil {
			return err
		}
		says := Scribe{}.Request(anywhere, row.Request, row.Person)[begin:]
		seen := v.seen[row.Chain]
		if seen != nil && row.Number > 0 && row.Number <= seen.before {
			v.RetiredRows++
			continue
		}
		there, same := seen.has(row.Number), false
		if there {
			same = seen.take(row.Number, v.print(says))
		} else if row.Chain != "" && v.broken(row.Chain) {
			continue // it was not read that far
		} else if there, same, err = v.late(ctx, row, says); err != nil {
			return err
		}
		switch {
		case !there:
			v.unmatched(row, "the ledger's row %s has no record in the audit log: a tollgate without one added it, or somebody by hand", row.Request.ID)
		case !same:
			v.unmatched(row, "the ledger's row %s and its record %d of chain %s do not say the same", row.Request.ID, row.Number, row.Chain)
		default:
			v.Rows++
		}
	}
	slices.SortStableFunc(v.Faults[before:], func(a, b Fault) int {
		return cmp.Or(cmp.Compare(a.Chain, b.Chain), cmp.Compare(a.Number, b.Number))
	})
	for _, chain := range slices.Sorted(maps.Keys(v.seen)) {
		if left := v.seen[chain]; left.count > 0 && !v.broken(chain) {
			v.fault(Unmatched, chain, left.first(), "%d records of chain %s are about requests whose rows are not in the ledger any more; the first is record %d", left.count, chain, left.first())
		}
	}
	return nil
}

// late looks for the record of a row that came while the chains were read.
func (v *verification) late(ctx context.Context, row tollgate.AuditedRow, says []byte) (there, same bool, err error) {
	if row.Chain == "" || row.Number < 1 {
		return false, false, nil
	}
	for record, err := range v.trail.Lines(ctx, row.Chain, row.Number) {
		if err != nil {
			if tollgate.IsKind(err, tollgate.NotFound) {
				return false, false, nil
			}
			return false, false, err
		}
		return record.Number == row.Number, bytes.HasSuffix(record.Line, says), nil
	}
	return false, false, nil
}

// mostUnmatched bounds how many rows are told of.
const mostUnmatched = 10

func (v *verification) unmatched(row tollgate.AuditedRow, format string, args ...any) {
	told := 0
	for _, f := range v.Faults {
		if f.Kind == Unmatched {
			told++
		}
	}
	if told < mostUnmatched {
		v.fault(Unmatched, row.Chain, row.Number, format, args...)
	}
}

func (v *verification) broken(chain string) bool {
	return slices.ContainsFunc(v.Faults, func(f Fault) bool { return f.Chain == chain && f.Kind != Unmatched })
}

// atOnce is how much is handed on in one go, and inAdvance how often.
const (
	atOnce    = 256
	inAdvance = 4
)

// ahead reads on while what was read is looked at. An error is the last there is.
func ahead[T any](all iter.Seq2[T, error]) iter.Seq2[T, error] {
	type part struct {
		some []T
		err  error
	}
	return func(yield func(T, error) bool) {
		parts, enough := make(chan part, inAdvance), make(chan struct{})
		defer func() {
			close(enough)
			for range parts { // until whoever reads has ended
			}
		}()
		go func() {
			defer close(parts)
			var some []T
			hand := func(err error) bool {
				select {
				case parts <- part{some, err}:
					some = make([]T, 0, atOnce)
					return err == nil
				case <-enough:
					return false
				}
			}
			for one, err := range all {
				if err != nil {
					hand(err)
					return
				}
				if some = append(some, one); len(some) == atOnce && !hand(nil) {
					return
				}
			}
			hand(nil)
		}()
		for part := range parts {
			for _, one := range part.some {
				if !yield(one, nil) {
					return
				}
			}
			if part.err != nil {
				var none T
				yield(none, part.err)
				return
			}
		}
	}
}
