package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"tollgate"
	"tollgate/internal/audit"
	"tollgate/internal/store"
)

// auditWrite is something that writes the audit log.
type auditWrite struct {
	before  func(ctx context.Context, a *auditedStore) error // what has to be there
	do      func(ctx context.Context, a *auditedStore) error
	records int64 // that it adds
	refused bool  // when it was stored and is done again: it is there, or gone
}

// auditWrites are all of them.
func auditWrites(a *auditedStore) map[string]auditWrite {
	admin := tollgate.AuditEvent{ID: tollgate.NewEventID(a.at), Time: a.at, Action: "test.done", Actor: "gateway", Outcome: "done"}
	batch := []*tollgate.Exchange{usual(a.at), usual(a.at.Add(time.Second))}
	hold := tollgate.Hold{ID: "hld_1", Scope: tollgate.Scope{Kind: tollgate.ScopeOrg}, Reason: "a case", CreatedAt: a.at, CreatedBy: "admin:x"}
	key := tollgate.Key{ID: "abcdef012345", Service: "ci", CreatedAt: a.at, Secrets: []tollgate.KeySecret{{Hash: []byte("hash")}}}
	ann := tollgate.Developer{Email: "ann@example.com"}
	invitation := tollgate.Invitation{ID: "inv012345678", Developer: ann.Email, Hash: []byte("code"), CreatedAt: a.at, ExpiresAt: a.at.Add(time.Hour), CreatedBy: "admin:x"}
	retire := func(ctx context.Context, a *auditedStore) error {
		_, err := a.Retire(ctx, a.notary, store.Retirement{Before: a.at.Add(time.Hour), At: a.at})
		return err
	}
	return map[string]auditWrite{
		"a chain": {records: 0, do: func(ctx context.Context, a *auditedStore) error { return a.BeginChain(ctx, audit.Scribe{}, a.at) }},
		"rows":    {records: 2, do: func(ctx context.Context, a *auditedStore) error { return a.Append(ctx, batch) }},
		"an event": {records: 1, do: func(ctx context.Context, a *auditedStore) error {
			return a.Note(ctx, admin)
		}},
		"a change": {records: 1, refused: true, do: func(ctx context.Context, a *auditedStore) error {
			return a.CreateTeam(ctx, tollgate.Team{Name: "core"})
		}},
		"a key": {records: 1, refused: true, do: func(ctx context.Context, a *auditedStore) error {
			_, err := a.CreateKey(ctx, key)
			return err
		}},
		"a token's key": {records: 1, refused: true, do: func(ctx context.Context, a *auditedStore) error {
			_, err := a.ExchangeToken(ctx, tollgate.SubjectToken{Digest: "d", ExpiresAt: a.at.Add(time.Hour), Issuer: "github"}, key)
			return err
		}},
		"what is pruned": {
			before: func(ctx context.Context, a *auditedStore) error {
				expired := key
				expired.ExpiresAt = a.at
				_, err := a.ExchangeToken(ctx, tollgate.SubjectToken{Digest: "d", ExpiresAt: a.at, Issuer: "github"}, expired)
				return err
			},
			do: func(ctx context.Context, a *auditedStore) error {
				_, err := a.Prune(ctx, a.at.Add(time.Hour), a.at.Add(time.Hour))
				return err
			},
		},
		"a hold": {records: 1, refused: true, do: func(ctx context.Context, a *auditedStore) error { return a.AddHold(ctx, hold) }},
		"a hold's end": {
			records: 1, refused: true,
			before: func(ctx context.Context, a *auditedStore) error { return a.AddHold(ctx, hold) },
			do: func(ctx context.Context, a *auditedStore) error {
				_, err := a.RemoveHold(ctx, hold.ID, "over")
				return err
			},
		},
		"an erasure": {
			records: 1, refused: true,
			before: func(ctx context.Context, a *auditedStore) error { return a.CreateDeveloper(ctx, ann) },
			do: func(ctx context.Context, a *auditedStore) error {
				_, err := a.EraseDeveloper(ctx, ann.Email, a.at)
				return err
			},
		},
		"an invitation": {
			records: 1, refused: true,
			before: func(ctx context.Context, a *auditedStore) error { return a.CreateDeveloper(ctx, ann) },
			do:     func(ctx context.Context, a *auditedStore) error { return a.AddInvitation(ctx, invitation) },
		},
		"a redemption": {
			records: 1, refused: true,
			before: func(ctx context.Context, a *auditedStore) error {
				return errors.Join(a.CreateDeveloper(ctx, ann), a.AddInvitation(ctx, invitation))
			},
			do: func(ctx context.Context, a *auditedStore) error {
				_, err := a.Redeem(ctx, invitation.ID, invitation.Hash, a.at, tollgate.Key{ID: key.ID, Secrets: key.Secrets})
				return err
			},
		},
		"a checkpoint": {do: func(ctx context.Context, a *auditedStore) error {
			_, err := a.TakeCheckpoint(ctx, a.notary, a.at)
			return err
		}},
		"a sink": {do: func(ctx context.Context, a *auditedStore) error { return a.BeginSink(ctx, "s3", true) }},
		"a sink's progress": {
			refused: true,
			before:  func(ctx context.Context, a *auditedStore) error { return a.BeginSink(ctx, "s3", false) },
			do:      func(ctx context.Context, a *auditedStore) error { return a.MoveSink(ctx, "s3", a.Chain(), 0, 3) },
		},
		"a retirement": {records: 1, do: retire},
		"what is retired": {before: retire, do: func(ctx context.Context, a *auditedStore) error {
			_, err := a.RemoveRetired(ctx)
			return err
		}},
		"a death": {records: 1, do: func(ctx context.Context, a *auditedStore) error {
			_, err := a.RecoverChains(ctx, a.at, func(died tollgate.AuditHead) tollgate.AuditEvent {
				return tollgate.AuditEvent{Time: a.at, Action: "gateway.recover", Actor: "gateway", Object: died.Chain, Outcome: "done"}
			})
			return err
		}},
		"an end": {records: 1, do: func(ctx context.Context, a *auditedStore) error { return a.EndChain(ctx, admin) }},
	}
}

// TestPromise5_FailedAndNotStored, and failed but stored: whatever writes the audit
// log is done again, and is in it once. The chain goes on where it was.
func TestPromise5_FailedAndNotStored(t *testing.T) { failCommits(t, false) }

func TestPromise5_FailedButStored(t *testing.T) { failCommits(t, true) }

func failCommits(t *testing.T, stored bool) {
	for name := range auditWrites(new(auditedStore)) {
		t.Run(name, func(t *testing.T) {
			a := newAudited(t)
			a.append(t, 4)
			a.checkpoint(t)
			a.Close()
			a.open(t) // so that there is a chain whose process has died
			a.append(t, 4)
			held := a.checkpoint(t)
			write := auditWrites(a)[name]
			if write.before != nil {
				if err := write.before(t.Context(), a); err != nil {
					t.Fatal(err)
				}
			}
			before := a.recorded(t)
			a.FailCommit(stored)
			if err := write.do(t.Context(), a); !errors.Is(err, store.ErrCommit) {
				t.Fatalf("it did not fail: %v", err)
			}
			if got := a.recorded(t) - before; !stored && got != 0 || stored && got != write.records {
				t.Errorf("%d records after the failure", got)
			}
			if err := write.do(t.Context(), a); (err != nil) != (stored && write.refused) {
				t.Errorf("again: %v", err)
			}
			if got := a.recorded(t) - before; got != write.records {
				t.Errorf("it is recorded %d times, not %d", got, write.records)
			}
			a.append(t, 3)
			a.checkpoint(t)
			report := a.verify(t, held)
			if !report.OK() || report.Uncommitted != 0 || report.Held != 1 || a.recorded(t) != before+write.records+3 {
				t.Errorf("%+v", report)
			}
		})
	}
}

// recorded is how many records there are and ever were.
func (a *auditedStore) recorded(t *testing.T) (records int64) {
	t.Helper()
	state, err := a.Trail().State(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, head := range state.Heads {
		records += head.Length
	}
	return records
}
