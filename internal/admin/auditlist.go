package admin

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"

	"tollgate"
	"tollgate/api"
)

// AuditQuestion says which records of the audit log to show.
type AuditQuestion struct {
	Span
	Where  map[string][]string
	Limit  int
	Cursor string
}

// AuditEntries lists records of the audit log, newest first.
func (s *Service) AuditEntries(ctx context.Context, caller Caller, question AuditQuestion) (page []tollgate.AuditEntry, next string, err error) {
	if err := s.authorize(caller, readAudit); err != nil {
		return nil, "", err
	}
	if s.evidence == nil {
		return nil, "", errNoFleet
	}
	query := tollgate.AuditQuery{Where: canonicalWhere(question.Where), Limit: cmp.Or(question.Limit, defaultPage), Cursor: question.Cursor}
	if query.Limit < 1 || query.Limit > maxPage {
		return nil, "", tollgate.Errorf(tollgate.Invalid, "a page has from 1 to %d records, not %d", maxPage, query.Limit)
	}
	if query.Since, query.Until, _, err = s.bounds(question.Span, s.now()); err != nil {
		return nil, "", err
	}
	s.ledger.CatchUp(ctx)
	return s.evidence.Entries(ctx, query)
}

// AuditRecord looks one record up, and what commits to it.
func (s *Service) AuditRecord(ctx context.Context, caller Caller, id string) (tollgate.AuditRecord, tollgate.AuditCommitment, error) {
	if err := s.authorize(caller, readAudit); err != nil {
		return tollgate.AuditRecord{}, tollgate.AuditCommitment{}, err
	}
	if s.evidence == nil {
		return tollgate.AuditRecord{}, tollgate.AuditCommitment{}, errNoFleet
	}
	s.ledger.CatchUp(ctx)
	return s.evidence.Record(ctx, id)
}

func (f *face) listAudit(r *http.Request, caller Caller) (any, error) {
	values, err := query(r, "since", "until", "time_zone", "where", "limit", "cursor")
	if err != nil {
		return nil, err
	}
	wanted := AuditQuestion{Span: span(values), Cursor: values.Get("cursor")}
	err = firstError(
		func() (err error) { wanted.Where, err = where(values["where"]); return err },
		func() (err error) { wanted.Limit, err = limit(values.Get("limit")); return err },
	)
	if err != nil {
		return nil, err
	}
	found, next, err := f.service.AuditEntries(r.Context(), caller, wanted)
	return api.List[api.AuditEntry]{Data: each(found, wireAuditEntry), Next: optional(next)}, err
}

// showAudit takes the place of a record, chn_…/12, as one word.
func (f *face) showAudit(r *http.Request, caller Caller) (any, error) {
	record, commitment, err := f.service.AuditRecord(r.Context(), caller, r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	hash := sha256.Sum256(record.Line)
	return api.AuditRecord{
		Chain: record.Chain, Number: record.Number, Hash: hex.EncodeToString(hash[:]), Record: record.Line,
		Leaf: optional(commitment.Leaf), Checkpoint: optional(commitment.Checkpoint),
	}, nil
}

func wireAuditEntry(e tollgate.AuditEntry) api.AuditEntry {
	return api.AuditEntry{
		Time: e.Time.UTC(), ID: e.ID, Chain: e.Chain, Number: e.Number, Action: string(e.Action), Outcome: e.Outcome,
		Actor: optional(e.Actor), Object: optional(e.Object), Record: e.Line,
	}
}
