package store

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"tollgate"
)

// sums are the figures of a report, in the order in which they are scanned.
// The casts are for engines whose sums are wider than their integers.
const sums = `count(*),
	CAST(coalesce(sum(input_tokens), 0) AS BIGINT), CAST(coalesce(sum(cache_write_5m_tokens), 0) AS BIGINT),
	CAST(coalesce(sum(cache_write_1h_tokens), 0) AS BIGINT), CAST(coalesce(sum(cache_read_tokens), 0) AS BIGINT),
	CAST(coalesce(sum(output_tokens), 0) AS BIGINT), CAST(coalesce(sum(web_searches), 0) AS BIGINT),
	CAST(coalesce(sum(cost_nano_usd), 0) AS BIGINT), CAST(coalesce(sum(estimated), 0) AS BIGINT)`

// Usage adds up rows by attributes and by units of the calendar. Without By
// there is one row, the total; rows come in the order of By.
func (s *Store) Usage(ctx context.Context, query tollgate.UsageQuery) (tollgate.UsageReport, error) {
	chosen, err := chosenRows(query.Since, query.Until, query.Where)
	if err != nil {
		return tollgate.UsageReport{}, err
	}
	return usage(ctx, s.read, query, chosen)
}

// usage adds up the rows that are chosen.
func usage(ctx context.Context, from querier, query tollgate.UsageQuery, chosen *conditions) (tollgate.UsageReport, error) {
	report := tollgate.UsageReport{By: query.By, Since: query.Since, Until: query.Until}
	plan, err := planGroups(query.By, query.Location)
	if err != nil {
		return report, err
	}
	groups := groupSet{}
	_, err = find(ctx, from, groups.fold(plan), "SELECT "+strings.Join(append(plan.columns, sums), ", ")+requests+chosen.where()+plan.groupBy(), chosen.args...)
	if err != nil {
		return report, err
	}
	report.Rows = groups.rows()
	for _, row := range report.Rows {
		add(&report.Total, row)
	}
	return report, nil
}

// plan says how rows are grouped: by which columns in the database, and how a
// group of the database becomes a group of the report.
type plan struct {
	by       []string
	location *time.Location
	columns  []string // of the database, without repetition; the quarter last when there is one
	place    []int    // by[i] is read from columns[place[i]]
}

// quarterColumn numbers the quarters of an hour since 1970. The number stands
// in the text because an expression with a placeholder cannot be grouped by.
const quarterColumn = "time / 900000000"

func planGroups(by []string, location *time.Location) (*plan, error) {
	if location == nil {
		location = time.UTC
	}
	p := &plan{by: by, location: location}
	for i, name := range by {
		from := column(name)
		if _, isTime := buckets[name]; isTime {
			from = quarterColumn
		} else if _, known := kindOf(name); !known {
			return nil, tollgate.Errorf(tollgate.Invalid, "%q is not an attribute to group by; there are: %s, %s", name, strings.Join(Buckets(), ", "), attributeNames())
		}
		if slices.Contains(by[:i], name) {
			return nil, tollgate.Errorf(tollgate.Invalid, "%q stands twice among the attributes to group by; name it once", name)
		}
		if !slices.Contains(p.columns, from) {
			p.columns = append(p.columns, from)
		}
		p.place = append(p.place, slices.Index(p.columns, from))
	}
	return p, nil
}

func (p *plan) groupBy() string {
	if len(p.columns) == 0 {
		return ""
	}
	return " GROUP BY " + strings.Join(p.columns, ", ")
}

// group is one group of the report, or a part of it: a quarter of an hour.
type group struct {
	order []string // sorts groups; one member for each of By
	tollgate.UsageRow
}

func (p *plan) scan(row scanner) (group, error) {
	g := group{order: make([]string, len(p.by)), UsageRow: tollgate.UsageRow{By: make(map[string]string, len(p.by))}}
	found := make([]any, len(p.columns))
	into := make([]any, 0, len(p.columns)+9)
	for i := range found {
		into = append(into, &found[i])
	}
	into = append(into, &g.Requests, &g.Tokens.Input, &g.Tokens.CacheWrite5m, &g.Tokens.CacheWrite1h, &g.Tokens.CacheRead, &g.Tokens.Output, &g.WebSearches, &g.Cost, &g.Estimated)
	if err := row.Scan(into...); err != nil {
		return g, err
	}
	for i, name := range p.by {
		g.By[name], g.order[i] = p.label(name, found[p.place[i]])
	}
	return g, nil
}

// label is a value as the report shows it, and as it is sorted.
func (p *plan) label(name string, value any) (shown, order string) {
	unit, isTime := buckets[name]
	if !isTime {
		kind, _ := kindOf(name)
		shown = kind.format(value)
		return shown, shown
	}
	return unit(time.UnixMicro(value.(int64) * quarter).In(p.location))
}

// groupSet holds the groups of a report by what sorts them. Parts of a group are
// added to it as they are found, so that a report takes memory for its rows and
// not for every quarter of an hour in them.
type groupSet map[string]*group

// maxGroups bounds a report, since it is made in the memory that the traffic
// uses too.
const maxGroups = 100_000

// fold is a scan that adds what it finds.
func (f groupSet) fold(p *plan) func(scanner) (struct{}, error) {
	return func(row scanner) (struct{}, error) {
		found, err := p.scan(row)
		if err != nil {
			return struct{}{}, err
		}
		key := strings.Join(found.order, "\x00")
		if known := f[key]; known != nil {
			add(&known.UsageRow, found.UsageRow)
			return struct{}{}, nil
		}
		if len(f) == maxGroups {
			return struct{}{}, tollgate.Errorf(tollgate.Invalid, "the report would have more than %d rows; group by less, or narrow it with where, since and until", maxGroups)
		}
		f[key] = &found
		return struct{}{}, nil
	}
}

// rows are the groups in order.
func (f groupSet) rows() []tollgate.UsageRow {
	groups := slices.SortedFunc(maps.Values(f), func(a, b *group) int { return slices.Compare(a.order, b.order) })
	rows := make([]tollgate.UsageRow, len(groups))
	for i, g := range groups {
		rows[i] = g.UsageRow
	}
	return rows
}

// add adds the figures of one row to another.
func add(sum *tollgate.UsageRow, row tollgate.UsageRow) {
	sum.Requests += row.Requests
	sum.Tokens = sum.Tokens.Add(row.Tokens)
	sum.WebSearches += row.WebSearches
	sum.Cost += row.Cost
	sum.Estimated += row.Estimated
}
