package store

import (
	"context"
	"slices"
	"strings"
	"time"

	"tollgate"
)

// choice says which requests are wanted, by where the conditions are looked up.
type choice struct {
	ids     conditions // bounds on the id
	own     conditions // on other columns of the row
	profile conditions // on columns of its profile
	joined  conditions // on columns of both
}

// amiss is true of the requests that ended otherwise than well. They are few and
// often asked for: the schema has indexes for just this text.
const amiss = "(status >= 400 OR error <> '')"

// choose reads a span of time and a filter. The bounds on the id say nothing new;
// they are there for its index.
func choose(since, until time.Time, where map[string][]string) (c choice, err error) {
	if !since.IsZero() {
		c.own.and("time >= ?", micros(since))
		c.ids.and("id >= ?", tollgate.FirstRequestID(since.Add(-drift)))
	}
	if !until.IsZero() {
		c.own.and("time < ?", micros(until))
		c.ids.and("id < ?", tollgate.FirstRequestID(until.Add(drift)))
	}
	err = filter(where, func(column string) *conditions {
		if slices.Contains(profileColumnList, column) {
			return &c.profile
		}
		return &c.own
	})
	return c, err
}

var profileColumnList = strings.Fields(strings.ReplaceAll(profileColumns, ",", " "))

// nearby is how many rows are looked through before profiles are: enough to find
// a page of what at least one request in fifty is.
const nearby = 5000

// newest are the ids of the newest requests, the newest first.
//
// Whatever is common is near the end. Whatever is not has few profiles, each of
// which is asked, through an index, for its newest request.
func (c choice) newest(ctx context.Context, from querier, limit int) ([]string, error) {
	rows := c.rows()
	if len(c.profile.terms)+len(c.joined.terms) == 0 {
		return find(ctx, from, scanText, "SELECT id FROM request"+rows.where()+" ORDER BY id DESC LIMIT ?", append(rows.args, limit)...)
	}
	found, all, err := c.near(ctx, from, limit)
	if err != nil || all || len(found) == limit {
		return found, err
	}
	return c.merge(ctx, from, limit)
}

// rows are the conditions on the table of requests alone.
func (c choice) rows() (rows conditions) {
	rows.also(c.ids)
	rows.also(c.own)
	return rows
}

// near looks through the newest rows. all says that there are no others.
func (c choice) near(ctx context.Context, from querier, limit int) (found []string, all bool, err error) {
	candidates := c.ids
	if slices.Contains(c.own.terms, amiss) {
		candidates.terms = append(slices.Clone(candidates.terms), amiss)
	}
	floor, err := find(ctx, from, scanText, "SELECT id FROM request"+candidates.where()+" ORDER BY id DESC LIMIT 1 OFFSET ?", append(slices.Clone(candidates.args), nearby)...)
	if err != nil {
		return nil, false, err
	}
	rows := c.rows()
	rows.also(c.profile)
	rows.also(c.joined)
	if len(floor) > 0 {
		rows.and("id >= ?", floor[0])
	}
	found, err = find(ctx, from, scanText, "SELECT id"+requests+rows.where()+" ORDER BY id DESC LIMIT ?", append(rows.args, limit)...)
	return found, len(floor) == 0, err
}

// series is a profile and its newest request.
type series struct {
	profile int64
	newest  string
}

// merge merges the requests of the profiles that come into question.
func (c choice) merge(ctx context.Context, from querier, limit int) (newest []string, err error) {
	own := conditions{terms: []string{"request.profile_id = profile.profile_id"}}
	own.also(c.rows())
	own.also(c.joined)
	text := "SELECT profile_id, coalesce((SELECT id FROM request" + own.where() + " ORDER BY id DESC LIMIT 1), '') AS newest FROM profile" + c.profile.where() + " ORDER BY newest DESC LIMIT ?"
	all, err := find(ctx, from, scanSeries, text, append(append(slices.Clone(own.args), c.profile.args...), limit)...)
	if err != nil {
		return nil, err
	}
	for _, one := range all {
		floor := ""
		if len(newest) == limit {
			floor = newest[limit-1]
		}
		if one.newest <= floor {
			break
		}
		rows := conditions{terms: []string{"request.profile_id = ?", "id > ?"}, args: []any{one.profile, floor}}
		rows.also(c.rows())
		rows.also(c.joined)
		some, err := find(ctx, from, scanText, "SELECT id"+requests+rows.where()+" ORDER BY id DESC LIMIT ?", append(rows.args, limit)...)
		if err != nil {
			return nil, err
		}
		newest = append(newest, some...)
		slices.SortFunc(newest, func(a, b string) int { return strings.Compare(b, a) })
		newest = newest[:min(limit, len(newest))]
	}
	return newest, nil
}

func scanSeries(row scanner) (s series, err error) { return s, row.Scan(&s.profile, &s.newest) }

// requestsOf reads rows, the newest first.
func requestsOf(ctx context.Context, from querier, ids []string) (rows []*tollgate.Exchange, err error) {
	for some := range slices.Chunk(ids, linesAtOnce) {
		chosen := new(conditions)
		chosen.oneOf("id", anys(some))
		found, err := find(ctx, from, scanRequest, selectRequest+chosen.where()+" ORDER BY id DESC", chosen.args...)
		if err != nil {
			return nil, err
		}
		rows = append(rows, found...)
	}
	return rows, nil
}

func anys(texts []string) []any {
	values := make([]any, len(texts))
	for i, text := range texts {
		values[i] = text
	}
	return values
}
