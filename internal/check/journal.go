package check

import (
	"context"
	"maps"
	"slices"
	"strings"

	"tollgate"
	"tollgate/internal/journal"
)

// lookUp is how many rows are asked for at once.
const lookUp = 500

// records compares what the journal holds with the rows.
type records struct {
	*inspection
	found *findings
	ctx   context.Context // of the run

	batch []journal.Passage   // ended, not looked up yet
	owed  []journal.Passage   // ended, had to have a row and had none
	open  map[string]struct{} // ids of those that began and did not end
}

// recorded compares what the journal saw end with the rows. What only waits for
// the database is no difference.
func recorded(i *inspection, found *findings) work {
	return work{end: func(ctx context.Context) error {
		r := &records{inspection: i, found: found, ctx: ctx, open: map[string]struct{}{}}
		damage, err := i.survey.Read(r.visit)
		for _, each := range damage {
			r.tellDamage(each)
		}
		for _, rest := range []func() error{r.settle, r.askAgain, r.countOpen} {
			if err == nil {
				err = rest()
			}
		}
		r.tell()
		return err
	}}
}

// Waiting is how many requests of the journals have no row and are to get one:
// of a gateway that is stopped, those that were under way too.
func (l *Ledger) Waiting(ctx context.Context) (int64, error) {
	i := &inspection{Ledger: l}
	if err := i.begin(ctx); err != nil {
		return 0, err
	}
	err := recorded(i, new(findings)).end(ctx)
	return i.result.Waiting + i.result.Open, err
}

// visit takes the next record of the journal.
func (r *records) visit(p journal.Passage) error {
	switch {
	case p.Closed:
		delete(r.open, p.Request.ID)
		r.batch = append(r.batch, p)
	case !p.Quarantined():
		r.open[p.Request.ID] = struct{}{}
	}
	if len(r.batch) < lookUp {
		return nil
	}
	return r.settle()
}

// settle looks up the rows of a batch.
func (r *records) settle() error {
	rows, err := r.Store.Rows(r.ctx, ids(r.batch))
	if err != nil {
		return err
	}
	for _, p := range r.batch {
		switch row := rows[p.Request.ID]; {
		case row != nil:
			r.compare(p.Request, row)
		case p.Quarantined(), r.flushed && p.Folder == r.Running.Folder():
			r.owed = append(r.owed, p)
		default:
			r.result.Waiting++
		}
	}
	r.batch = r.batch[:0]
	if len(r.owed) < lookUp {
		return nil
	}
	return r.askAgain()
}

func ids(of []journal.Passage) []string {
	ids := make([]string, len(of))
	for n, p := range of {
		ids[n] = p.Request.ID
	}
	return ids
}

// askAgain looks once more for rows that have to be there: one may have been on
// its way when the survey was taken.
func (r *records) askAgain() error {
	if len(r.owed) == 0 {
		return nil
	}
	stored := r.flush(r.ctx)
	rows, err := r.Store.Rows(r.ctx, ids(r.owed))
	if err != nil {
		return err
	}
	for _, p := range r.owed {
		switch row := rows[p.Request.ID]; {
		case row != nil:
			r.compare(p.Request, row)
		case stored || p.Quarantined():
			r.found.add("request %s ended with status %d and costs %s by the journal, and has no row", p.Request.ID, p.Request.Status, p.Request.Cost)
		default:
			r.result.Waiting++
		}
	}
	r.owed = r.owed[:0]
	return nil
}

// compare holds a row against what the journal saw.
func (r *records) compare(x, row *tollgate.Exchange) {
	for _, each := range []struct {
		name       string
		seen, kept any
	}{
		{"status", x.Status, row.Status},
		{"cost", x.Cost, row.Cost},
		{"input_tokens", x.Usage.Input, row.Usage.Input},
		{"cache_write_5m_tokens", x.Usage.CacheWrite5m, row.Usage.CacheWrite5m},
		{"cache_write_1h_tokens", x.Usage.CacheWrite1h, row.Usage.CacheWrite1h},
		{"cache_read_tokens", x.Usage.CacheRead, row.Usage.CacheRead},
		{"output_tokens", x.Usage.Output, row.Usage.Output},
		{"web_searches", x.Usage.WebSearches, row.Usage.WebSearches},
		{"estimated", x.Estimated, row.Estimated},
		{"interrupted", x.Interrupted, row.Interrupted},
	} {
		if each.seen != each.kept {
			r.found.add("request %s: %s is %v by the journal, and %v by its row", x.ID, each.name, each.seen, each.kept)
		}
	}
}

// countOpen counts what began and did not end. What has a row all the same was
// stored past the journal.
func (r *records) countOpen() error {
	for some := range slices.Chunk(slices.Collect(maps.Keys(r.open)), lookUp) {
		rows, err := r.Store.Rows(r.ctx, some)
		if err != nil {
			return err
		}
		for id := range rows {
			delete(r.open, id)
		}
	}
	r.result.Open = int64(len(r.open))
	return nil
}

func (r *records) tellDamage(d journal.Damage) {
	if d.Missing > 0 {
		r.found.add("records are missing in the journal before byte %d of %s: %d", d.From, d.Segment, d.Missing)
		return
	}
	r.found.add("bytes cannot be read in the journal from byte %d of %s on: %d", d.From, d.Segment, d.Bytes)
}

// tell says what the journal's own counters know, and what is no difference.
func (r *records) tell() {
	if r.Running != nil {
		r.tellRunning(r.Running.Stats())
		return
	}
	if n := r.result.Waiting; n > 0 {
		r.note("Requests that wait in the journal: %d. The next start stores them.", n)
	}
	if n := r.result.Open; n > 0 {
		r.note("Requests that were under way when the gateway ended: %d (%s). The next start stores them, as interrupted.", n, r.someOpen())
	}
}

func (r *records) tellRunning(stats journal.Stats) {
	if n := stats.Lost; n > 0 {
		r.found.add("requests that found room neither in the journal nor in the database since the start, and have no row: %d", n)
	}
	if n := stats.Unrecorded; n > 0 {
		r.note("Requests that were sent before they could be recorded, since the start, as journal.when_unable says: %d. They have their row once they have ended, unless tollgate is killed before the disk takes it.", n)
	}
	if n := r.result.Waiting; n > 0 {
		r.note("Requests that wait in the journal until the database takes them: %d.", n)
	}
}

// mostNamed bounds the ids in a note.
const mostNamed = 5

func (r *records) someOpen() string {
	ids := slices.Sorted(maps.Keys(r.open))
	if len(ids) > mostNamed {
		ids = append(ids[:mostNamed], "…")
	}
	return strings.Join(ids, ", ")
}
