package admin

import (
	"context"
	"encoding/json"
	"io"
	"net/http"

	"tollgate"
	"tollgate/api"
	"tollgate/internal/audit"
)

// Evidence is the audit log as a whole.
type Evidence interface {
	// Checkpoint is the newest one, signed, with everything in it that is
	// recorded, where that can be signed here; and the public key that proves it.
	// It is empty when nothing was ever recorded.
	Checkpoint(ctx context.Context) (signed, key string, err error)
	// Verify reads the whole log and holds it against itself, the ledger, and
	// checkpoints that were kept elsewhere.
	Verify(ctx context.Context, held []string) (audit.Report, error)
	// Export writes all of it as a tar archive. Before the first byte, the log
	// says that it was handed out, and to whom.
	Export(ctx context.Context, to io.Writer) error
	// Entries lists records, newest first; the cursor of the next page is empty on
	// the last one.
	Entries(ctx context.Context, query tollgate.AuditQuery) (page []tollgate.AuditEntry, next string, err error)
	// Record looks one up, by the id of its request or event or by its place, and
	// what commits to it.
	Record(ctx context.Context, id string) (tollgate.AuditRecord, tollgate.AuditCommitment, error)
	// Refused notes that somebody was not let in, or may not do what he asked
	// for. actor is empty for a stranger; why is a word.
	Refused(actor, why string)
	// Done notes what somebody had done that changed nothing in the register.
	Done(event tollgate.AuditEvent)
}

// refused notes whom the API does not let in.
func (s *Service) refused(actor string, err error) {
	kind := tollgate.AsError(err).Kind
	if s.evidence != nil && (kind == tollgate.Unauthenticated || kind == tollgate.Forbidden) {
		s.evidence.Refused(actor, kind.WireType())
	}
}

// recorded has the audit log say that somebody asked for something which changes
// nothing in the register, and what came of it; and the log of the process too. about
// is what else they say, names and values by turns.
func (s *Service) recorded(ctx context.Context, caller Caller, wanted action, object string, err error, about ...any) error {
	if s.evidence != nil {
		event := tollgate.AuditEvent{Action: tollgate.AuditAction(wanted.name), Actor: "admin:" + caller.Name, Object: object, Outcome: "done"}
		if err != nil {
			event.Outcome = "failed"
		} else if len(about) > 0 {
			said := map[string]any{}
			for i := 0; i+1 < len(about); i += 2 {
				said[about[i].(string)] = about[i+1]
			}
			event.About, _ = json.Marshal(said) // texts, numbers and truths always marshal
		}
		s.evidence.Done(event)
	}
	return s.noted(ctx, caller, wanted, object, err, about...)
}

// WithEvidence says who has the audit log, before the first question.
func (s *Service) WithEvidence(evidence Evidence) *Service {
	s.evidence = evidence
	return s
}

// Checkpoint is the newest checkpoint of the audit log and the key that proves it.
func (s *Service) Checkpoint(ctx context.Context, caller Caller) (signed, key string, err error) {
	if err := s.authorize(caller, readAudit); err != nil {
		return "", "", err
	}
	if s.evidence == nil {
		return "", "", errNoFleet
	}
	return s.evidence.Checkpoint(ctx)
}

// VerifyAudit finds out what was changed in the audit log. It reads all of it.
func (s *Service) VerifyAudit(ctx context.Context, caller Caller, held []string) (audit.Report, error) {
	if err := s.authorize(caller, readAudit); err != nil {
		return audit.Report{}, err
	}
	if s.evidence == nil {
		return audit.Report{}, errNoFleet
	}
	s.ledger.CatchUp(ctx)
	return s.evidence.Verify(ctx, held)
}

// ExportAudit hands out the whole log, and records that.
func (s *Service) ExportAudit(ctx context.Context, caller Caller, to io.Writer) error {
	if err := s.authorize(caller, exportAudit); err != nil {
		return err
	}
	if s.evidence == nil {
		return errNoFleet
	}
	s.ledger.CatchUp(ctx)
	return s.noted(ctx, caller, exportAudit, "audit log", s.evidence.Export(tollgate.WithActor(ctx, "admin:"+caller.Name), to))
}

func (f *face) showCheckpoint(r *http.Request, caller Caller) (any, error) {
	signed, key, err := f.service.Checkpoint(r.Context(), caller)
	return api.AuditCheckpoint{Note: signed, Key: key}, err
}

func (f *face) verifyAudit(r *http.Request, caller Caller) (any, error) {
	values, err := query(r, "checkpoint")
	if err != nil {
		return nil, err
	}
	found, err := f.service.VerifyAudit(r.Context(), caller, values["checkpoint"])
	return WireVerification(found), err
}

func (f *face) exportAudit(r *http.Request, caller Caller) (any, error) {
	if err := f.service.authorize(caller, exportAudit); err != nil {
		return nil, err
	}
	return stream{"application/x-tar", func(to io.Writer) error { return f.service.ExportAudit(r.Context(), caller, to) }}, nil
}

// WireVerification is how a report is told.
func WireVerification(found audit.Report) api.AuditVerification {
	wire := api.AuditVerification{
		Chains: found.Chains, Records: found.Records, Checkpoints: found.Checkpoints, Held: found.Held,
		Rows: found.Rows, RowsCompared: found.Compared, Uncommitted: found.Uncommitted,
		Retired: found.Retired, RowsRetired: found.RetiredRows, Faults: each(found.Faults, wireFault),
	}
	if found.Newest.Size > 0 {
		at := found.Newest.Time.UTC()
		wire.Newest = &at
	}
	return wire
}

func wireFault(f audit.Fault) api.AuditFault {
	return api.AuditFault{Kind: string(f.Kind), Chain: f.Chain, Number: f.Number, Says: f.Says}
}
