package check

import (
	"context"
	"fmt"
	"math/big"
	"strings"

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
	attributes := append(tollgate.Attributes(), store.Buckets()...)
	return work{slice: func(ctx context.Context, slice *store.Slice) error {
		var rows []tollgate.UsageRow
		for _, x := range slice.Rows {
			rows = append(rows, alone(x))
		}
		want := addUp(rows)
		var differ deviations
		for _, by := range attributes {
			told, err := slice.Usage(ctx, by)
			switch {
			case ctx.Err() != nil:
				return err
			case err != nil:
				differ.note(by, "cannot be made: "+tollgate.AsError(err).Error())
			default:
				compareSums(&differ, by, addUp(told.Rows), want)
			}
		}
		for _, each := range differ {
			found.add("rows %s: the report by %s %s", slice, each.attributes(len(attributes)), each.says)
		}
		return nil
	}}
}

// deviations are what reports say wrongly. What many of them say is told once.
type deviations []*deviation

type deviation struct {
	says string
	by   []string
}

func (d *deviations) note(by, says string) {
	for _, each := range *d {
		if each.says == says {
			each.by = append(each.by, by)
			return
		}
	}
	*d = append(*d, &deviation{says, []string{by}})
}

func (d *deviation) attributes(all int) string {
	if len(d.by) == all {
		return "whatever attribute"
	}
	return strings.Join(d.by, ", by ")
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

func compareSums(differ *deviations, by string, told, want []*big.Int) {
	for n, figure := range figures {
		if told[n].Cmp(want[n]) != 0 {
			differ.note(by, fmt.Sprintf("says %s %v, and the rows add up to %v", figure.name, told[n], want[n]))
		}
	}
}
