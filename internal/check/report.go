package check

import (
	"context"
	"math/big"

	"tollgate"
	"tollgate/internal/store"
)

// figures are what a report adds up.
var figures = []struct {
	name string
	of   func(tollgate.UsageRow) int64
}{
	{"requests", func(r tollgate.UsageRow) int64 { return r.Requests }},
	{"input_tokens", func(r tollgate.UsageRow) int64 { return r.Tokens.Input }},
	{"cache_write_5m_tokens", func(r tollgate.UsageRow) int64 { return r.Tokens.CacheWrite5m }},
	{"cache_write_1h_tokens", func(r tollgate.UsageRow) int64 { return r.Tokens.CacheWrite1h }},
	{"cache_read_tokens", func(r tollgate.UsageRow) int64 { return r.Tokens.CacheRead }},
	{"output_tokens", func(r tollgate.UsageRow) int64 { return r.Tokens.Output }},
	{"web_searches", func(r tollgate.UsageRow) int64 { return r.WebSearches }},
	{"cost_nano_usd", func(r tollgate.UsageRow) int64 { return int64(r.Cost) }},
	{"estimated_requests", func(r tollgate.UsageRow) int64 { return r.Estimated }},
}

// report adds the rows up, in numbers that cannot overflow, and compares that
// with what the reports by every attribute say of the same rows.
func report(_ *inspection, found *findings) work {
	return work{slice: func(ctx context.Context, slice *store.Slice) error {
		var rows []tollgate.UsageRow
		for _, x := range slice.Rows {
			rows = append(rows, alone(x))
		}
		want := addUp(rows)
		for _, by := range append(tollgate.Attributes(), store.Buckets()...) {
			told, err := slice.Usage(ctx, by)
			switch {
			case ctx.Err() != nil:
				return err
			case err != nil:
				found.add("rows %s, by %s: no report can be made: %v", slice, by, err)
				continue
			}
			compareSums(found, slice, by, addUp(told.Rows), want)
		}
		return nil
	}}
}

// alone is what a report of nothing but this request says.
func alone(x *tollgate.Exchange) tollgate.UsageRow {
	row := tollgate.UsageRow{Requests: 1, Tokens: x.Usage.Tokens, WebSearches: x.Usage.WebSearches, Cost: x.Cost}
	if x.Estimated {
		row.Estimated = 1
	}
	return row
}

// addUp is the sum of each figure.
func addUp(rows []tollgate.UsageRow) []*big.Int {
	sums := make([]*big.Int, len(figures))
	for n, figure := range figures {
		sums[n] = new(big.Int)
		for _, row := range rows {
			sums[n].Add(sums[n], big.NewInt(figure.of(row)))
		}
	}
	return sums
}

func compareSums(found *findings, slice *store.Slice, by string, told, want []*big.Int) {
	for n, figure := range figures {
		if told[n].Cmp(want[n]) != 0 {
			found.add("rows %s, by %s: the report says %s %v, and the rows add up to %v", slice, by, figure.name, told[n], want[n])
		}
	}
}
