package store

import (
	"context"
	"database/sql"
	"time"

	"tollgate"
)

// Append adds rows to the ledger, and what they cost to the counters of the
// budgets that they are paid from, in one transaction. A request that has its
// row already keeps the one it has, so a batch may be appended again when
// nobody knows whether it was committed.
func (s *Store) Append(ctx context.Context, batch []*tollgate.Exchange) error {
	if len(batch) == 0 {
		return nil
	}
	s.appending.Lock()
	defer s.appending.Unlock()
	batch = s.erased.nameless(batch)
	err := s.changeOn(ctx, "NORMAL", func(conn *sql.Conn, tx *sql.Tx) error {
		ctx := context.WithoutCancel(ctx) // the transaction watches ctx; the driver would start a goroutine for each row
		profiles := make([]int64, len(batch))
		for i, x := range batch {
			var err error
			if profiles[i], err = s.profiles.id(ctx, tx, profileOf(x)); err != nil {
				return err
			}
		}
		persons := make([]string, len(batch))
		for i, x := range batch {
			var err error
			if persons[i], err = s.person(ctx, tx, x.Developer); err != nil {
				return err
			}
		}
		fresh, err := s.inserter.insert(ctx, conn, batch, profiles, persons, &s.chain)
		if err != nil {
			return err
		}
		return s.counters.count(ctx, conn, tx, fresh)
	})
	s.profiles.settle(err == nil)
	s.chain.people.settle(err == nil)
	return err
}

// Sync returns when everything appended so far would survive a power cut. A
// commit with synchronous=FULL takes all that were made before it to the disk.
func (s *Store) Sync(ctx context.Context) error {
	return s.change(ctx, func(tx *sql.Tx) error {
		return keepSetting(ctx, tx, syncedAt, time.Now().UTC().Format(time.RFC3339Nano))
	})
}

// Request looks one row up by its id or, failing that, by the id the provider
// gave the request: the newest row that bears it. The latter reads the ledger
// back from now, about a second for a million rows; no index pays for it with
// every request.
func (s *Store) Request(ctx context.Context, id string) (*tollgate.Exchange, error) {
	missing := tollgate.Errorf(tollgate.NotFound, "there is no request %q in the ledger; tollgate request list shows the newest ones", id)
	x, err := findOne(ctx, s.read, missing, scanRequest, selectRequest+" WHERE id = ?", id)
	if err == nil || !tollgate.IsKind(err, tollgate.NotFound) || id == "" {
		return x, err
	}
	return findOne(ctx, s.read, missing, scanRequest, selectRequest+" WHERE upstream_request_id = ? ORDER BY id DESC LIMIT 1", id)
}

// Requests lists rows, newest first. The cursor of the next page is empty on
// the last one. Rows that are appended meanwhile do not move the pages.
func (s *Store) Requests(ctx context.Context, query tollgate.RequestQuery) (rows []*tollgate.Exchange, next string, err error) {
	if query.Limit < 1 {
		return nil, "", tollgate.Errorf(tollgate.Invalid, "a page has at least one row, not %d", query.Limit)
	}
	chosen, err := choose(query.Since, query.Until, query.Where)
	if err != nil {
		return nil, "", err
	}
	if query.Cursor != "" && !tollgate.IsRequestID(query.Cursor) {
		return nil, "", tollgate.Errorf(tollgate.Invalid, "%q is not a cursor; take the one that came with the page before", query.Cursor)
	}
	if query.Cursor != "" {
		chosen.ids.and("id < ?", query.Cursor)
	}
	err = s.view(ctx, func(tx *sql.Tx) error {
		ids, err := chosen.newest(ctx, tx, query.Limit+1)
		if err != nil {
			return err
		}
		if len(ids) > query.Limit {
			ids = ids[:query.Limit]
			next = ids[query.Limit-1]
		}
		rows, err = requestsOf(ctx, tx, ids)
		return err
	})
	return rows, next, err
}

// drift is how far the time inside an id may be from the request's time.
const drift = time.Minute

// chosenRows are the conditions that a span of time and a filter put on rows.
// The bounds on the id say nothing new; they are there for its index.
func chosenRows(since, until time.Time, where map[string][]string) (*conditions, error) {
	chosen, err := choose(since, until, where)
	if err != nil {
		return nil, err
	}
	all := new(conditions)
	for _, some := range []conditions{chosen.own, chosen.ids, chosen.profile} {
		all.also(some)
	}
	return all, nil
}
