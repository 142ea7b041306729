package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"slices"
	"sync"

	"tollgate"
)

// Trail is the audit log as it is stored, for whoever verifies or copies it. While
// it is kept, records are only ever added, so that those which are read after a
// state reach as far as it says.
type Trail struct{ store *Store }

// Trail gives access to it.
func (s *Store) Trail() Trail { return Trail{s} }

// State is everything but the records.
func (t Trail) State(ctx context.Context) (state tollgate.AuditState, err error) {
	err = t.store.view(ctx, func(tx *sql.Tx) error {
		if state.Heads, err = find(ctx, tx, scanNamedHead, "SELECT name, length, hash FROM audit_chain ORDER BY chain_id"); err != nil {
			return err
		}
		if state.Retired, err = find(ctx, tx, scanNamedHead, "SELECT name, retired, retired_hash FROM audit_chain WHERE retired > 0 ORDER BY chain_id"); err != nil {
			return err
		}
		if state.Retirements, err = find(ctx, tx, scanText, "SELECT note FROM audit_retirement ORDER BY size"); err != nil {
			return err
		}
		if state.Leaves, err = find(ctx, tx, scanText, "SELECT line FROM audit_leaf ORDER BY position"); err != nil {
			return err
		}
		state.Checkpoints, err = find(ctx, tx, scanText, "SELECT note FROM audit_checkpoint ORDER BY size")
		return err
	})
	return state, err
}

// Size is how many bytes the records of a chain have with numbers above after, up
// to through.
func (t Trail) Size(ctx context.Context, chain string, after, through int64) (bytes int64, err error) {
	sizes, err := find(ctx, t.store.read, scanNumber, `
		SELECT coalesce(sum(length(CAST(line AS BLOB))), 0) FROM audit_chain
		JOIN audit_record ON place > (chain_id << 40) + ? AND place <= (chain_id << 40) + ? WHERE name = ?`, after, through, chain)
	if err != nil || len(sizes) == 0 {
		return 0, err
	}
	return sizes[0], nil
}

// numbered is a line and where it is stored.
type numbered struct {
	number int64
	line   []byte
}

// linesAtOnce is how many records are read in one go.
const linesAtOnce = 4096

// Lines are the records of a chain in the order of their numbers, from one on:
// the number under which each is stored, and what was hashed.
func (t Trail) Lines(ctx context.Context, chain string, from int64) iter.Seq2[tollgate.AuditRecord, error] {
	return func(yield func(tollgate.AuditRecord, error) bool) {
		ids, err := find(ctx, t.store.read, scanNumber, "SELECT chain_id FROM audit_chain WHERE name = ?", chain)
		if err == nil && len(ids) == 0 {
			err = tollgate.Errorf(tollgate.NotFound, "there is no chain %q in the audit log", chain)
		}
		if err != nil {
			yield(tollgate.AuditRecord{}, err)
			return
		}
		scan := func(row scanner) (n numbered, err error) {
			err = row.Scan(&n.number, &n.line)
			n.number -= place(ids[0], 0)
			return n, err
		}
		for {
			some, err := find(ctx, t.store.read, scan, fmt.Sprintf("SELECT place, line FROM audit_record WHERE place >= ? AND place < ? ORDER BY place LIMIT %d", linesAtOnce),
				place(ids[0], from), place(ids[0]+1, 0))
			if err != nil {
				yield(tollgate.AuditRecord{}, err)
				return
			}
			for _, n := range some {
				if !yield(tollgate.AuditRecord{Chain: chain, Number: n.number, Line: n.line}, nil) {
					return
				}
				from = n.number + 1
			}
			if len(some) < linesAtOnce {
				return
			}
		}
	}
}

// rowsAtOnce is how many rows of the ledger are read in one go.
const rowsAtOnce = 1024

// Rows are the rows of the ledger with where their records are, in no order: all
// since the log was begun. Two halves are read at a time.
func (t Trail) Rows(ctx context.Context) iter.Seq2[tollgate.AuditedRow, error] {
	return func(yield func(tollgate.AuditedRow, error) bool) {
		asked := ctx
		ctx, stop := context.WithCancel(asked)
		middle, err := t.middle(ctx)
		if err != nil {
			stop()
			yield(tollgate.AuditedRow{}, err)
			return
		}
		pages := make(chan rowPage, 2)
		var reading sync.WaitGroup
		for _, half := range [][2]string{{"", middle}, {middle, "~"}} {
			reading.Go(func() { t.readRows(ctx, half[0], half[1], pages) })
		}
		go func() {
			reading.Wait()
			close(pages)
		}()
		defer func() {
			stop()
			for range pages { // until both have ended
			}
		}()
		for page := range pages {
			for i := range page.rows {
				if !yield(page.rows[i].AuditedRow, nil) {
					return
				}
			}
			if page.err != nil {
				yield(tollgate.AuditedRow{}, page.err)
				return
			}
		}
		if err := asked.Err(); err != nil { // what was read is not all
			yield(tollgate.AuditedRow{}, err)
		}
	}
}

// rowPage is what was read in one go.
type rowPage struct {
	rows []auditedRow
	err  error
}

// middle is the id of a row with about as many before it as after it.
func (t Trail) middle(ctx context.Context) (id string, err error) {
	const text = "SELECT id FROM request WHERE " + arrival + " >= (SELECT (min(" + arrival + ") + max(" + arrival + ")) / 2 FROM request) ORDER BY " + arrival + " LIMIT 1"
	ids, err := find(ctx, t.store.read, scanText, text)
	if err != nil || len(ids) == 0 {
		return "", err
	}
	return ids[0], nil
}

// readRows hands on the rows above one id, up to another.
func (t Trail) readRows(ctx context.Context, above, upTo string, pages chan<- rowPage) {
	text := "SELECT " + requestColumns + fmt.Sprintf(`, audit_chain, audit_number FROM request
		WHERE id > ? AND id <= ? AND (audit_number > 0 OR time >= (SELECT min(begun_at) FROM audit_chain))
		ORDER BY id LIMIT %d`, rowsAtOnce)
	known := whose{from: t.store.read, profiles: map[int64]owned{}}
	for more := true; more; {
		some, err := find(ctx, t.store.read, scanAudited, text, above, upTo)
		if err == nil {
			err = known.fill(ctx, some)
		}
		select {
		case pages <- rowPage{some, err}:
		case <-ctx.Done():
			return
		}
		if more = err == nil && len(some) == rowsAtOnce; more {
			above = some[len(some)-1].Request.ID
		}
	}
}

// auditedRow is a row before it is known what its numbers stand for.
type auditedRow struct {
	tollgate.AuditedRow
	profile, chain int64
}

func scanAudited(row scanner) (found auditedRow, err error) {
	found.Request = new(tollgate.Exchange)
	into := fields(found.Request)
	into[profileField] = &found.profile
	return found, row.Scan(append(into, &found.chain, &found.Number)...)
}

// profileField is where fields has the profile's number.
const profileField = 2

// whose looks up what many rows share, once for many of them.
type whose struct {
	from     querier
	chains   map[int64]string
	profiles map[int64]owned
}

// owned is a profile and the pseudonym of its developer.
type owned struct {
	id      int64
	profile profile
	person  string
}

// fill completes rows. One whose profile is not there is left as it is: it then
// says something else than its record.
func (w *whose) fill(ctx context.Context, rows []auditedRow) error {
	if err := errors.Join(w.learnChains(ctx, rows), w.learnProfiles(ctx, rows)); err != nil {
		return err
	}
	for i := range rows {
		row := &rows[i]
		row.Chain = w.chains[row.chain]
		if of, known := w.profiles[row.profile]; known {
			of.profile.give(row.Request)
			row.Person = of.person
		}
	}
	return nil
}

// learnChains reads the names of all chains when there is one that is not known.
func (w *whose) learnChains(ctx context.Context, rows []auditedRow) error {
	if !slices.ContainsFunc(rows, func(row auditedRow) bool { return row.chain > 0 && w.chains[row.chain] == "" }) {
		return nil
	}
	w.chains = map[int64]string{}
	_, err := find(ctx, w.from, func(row scanner) (none struct{}, err error) {
		var id int64
		var name string
		err = row.Scan(&id, &name)
		w.chains[id] = name
		return none, err
	}, "SELECT chain_id, name FROM audit_chain")
	return err
}

// learnProfiles reads those that are not known yet.
func (w *whose) learnProfiles(ctx context.Context, rows []auditedRow) error {
	if len(w.profiles) > profilesKept {
		clear(w.profiles)
	}
	asked, ids := map[int64]bool{}, []any(nil)
	for _, row := range rows {
		if _, known := w.profiles[row.profile]; !known && !asked[row.profile] {
			asked[row.profile] = true
			ids = append(ids, row.profile)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	chosen := new(conditions)
	chosen.oneOf("profile_id", ids)
	found, err := find(ctx, w.from, scanOwned, "SELECT profile_id, "+profileColumns+", coalesce((SELECT person.id FROM person WHERE person.email = developer), developer) FROM profile"+chosen.where(), chosen.args...)
	for _, of := range found {
		w.profiles[of.id] = of
	}
	return err
}

func scanOwned(row scanner) (of owned, err error) {
	var x tollgate.Exchange
	into := append([]any{&of.id}, profileFields(&x)...)
	if err := row.Scan(append(into, &of.person)...); err != nil {
		return of, err
	}
	of.profile = profileOf(&x)
	return of, nil
}

func scanNumber(row scanner) (n int64, err error) { return n, row.Scan(&n) }
