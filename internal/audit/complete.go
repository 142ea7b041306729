package audit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"iter"
	"maps"
	"slices"

	"tollgate"
)

// Rows is the ledger as the audit log has to agree with it.
type Rows interface {
	// Rows are all of them since the log was begun.
	Rows(ctx context.Context) iter.Seq2[tollgate.AuditedRow, error]
}

// checkRows holds the ledger against the log, both ways.
func (v *verification) checkRows(ctx context.Context, rows Rows) error {
	for row, err := range rows.Rows(ctx) {
		if err != nil {
			return err
		}
		switch {
		case row.Chain == "" || row.Line == nil:
			v.unmatched(row, "the ledger's row %s has no record in the audit log: a tollgate without one added it, or somebody by hand", row.Request.ID)
		case !saysTheSame(row):
			v.unmatched(row, "the ledger's row %s and its record %d of chain %s do not say the same", row.Request.ID, row.Number, row.Chain)
		default:
			v.Rows++
		}
		v.seen[row.Chain].take(row.Number)
	}
	for _, chain := range slices.Sorted(maps.Keys(v.seen)) {
		if left := v.seen[chain]; left.count > 0 && !v.broken(chain) {
			v.fault(Unmatched, chain, left.first(), "%d records of chain %s are about requests whose rows are not in the ledger any more; the first is record %d", left.count, chain, left.first())
		}
	}
	return nil
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

// saysTheSame writes the line anew, from the row. Where in the chain it stands,
// the chain itself has proved.
func saysTheSame(row tollgate.AuditedRow) bool {
	head := tollgate.AuditHead{Chain: row.Chain, Length: row.Number - 1}
	_, rest, found := bytes.Cut(row.Line, []byte(`"previous":"`))
	if !found || len(rest) < hex.EncodedLen(sha256.Size) {
		return false
	}
	if _, err := hex.Decode(head.Hash[:], rest[:hex.EncodedLen(sha256.Size)]); err != nil {
		return false
	}
	return bytes.Equal(Scribe{}.Request(head, row.Request, row.Person), row.Line)
}
