package app

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"tollgate"
	"tollgate/internal/audit"
	"tollgate/internal/store"
)

// Evidence answers for the audit log of a data folder.
type Evidence struct {
	store  *store.Store
	key    string
	beside string   // the file with the newest checkpoint
	taken  *auditor // nil: nothing is signed or recorded, since no gateway runs
}

func (a *App) evidence() Evidence {
	return Evidence{store: a.store, key: a.auditor.public, beside: a.auditor.path, taken: a.auditor}
}

// OpenEvidence answers for the audit log of a gateway that is stopped.
func OpenEvidence(kept *store.Store, folder string) (Evidence, error) {
	path := filepath.Join(folder, auditFolder)
	key, err := readKey(filepath.Join(path, verifyKeyFile))
	return Evidence{store: kept, key: key, beside: filepath.Join(path, checkpointFile)}, err
}

// Checkpoint implements admin.Evidence.
func (e Evidence) Checkpoint(ctx context.Context) (signed, key string, err error) {
	if e.taken != nil {
		signed, err = e.taken.checkpoint(ctx)
	} else {
		signed, err = e.store.LastCheckpoint(ctx)
	}
	return signed, e.key, err
}

// Verify implements admin.Evidence. The checkpoint that lies beside the database
// is one that was kept elsewhere: a database alone that is put back is found out.
func (e Evidence) Verify(ctx context.Context, held []string) (audit.Report, error) {
	key, err := note.NewVerifier(e.key)
	if err != nil {
		return audit.Report{}, tollgate.Errorf(tollgate.Internal, "the public key of the audit log cannot be read; restore the folder %s of the data folder from your backup", auditFolder).Because(err)
	}
	beside, err := os.ReadFile(e.beside)
	switch {
	case err == nil && len(strings.TrimSpace(string(beside))) > 0:
		held = append([]string{string(beside)}, held...)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return audit.Report{}, err
	}
	defer e.store.Trail().Keep()()
	return audit.Verify(ctx, e.store.Trail(), e.store.Trail(), note.VerifierList(key), held)
}

// Entries implements admin.Evidence.
func (e Evidence) Entries(ctx context.Context, query tollgate.AuditQuery) ([]tollgate.AuditEntry, string, error) {
	return e.store.Trail().Entries(ctx, query)
}

// Record implements admin.Evidence.
func (e Evidence) Record(ctx context.Context, id string) (tollgate.AuditRecord, tollgate.AuditCommitment, error) {
	record, err := e.store.Trail().Record(ctx, id)
	if err != nil {
		return record, tollgate.AuditCommitment{}, err
	}
	commitment, err := e.store.Trail().Commitment(ctx, record)
	return record, commitment, err
}

// exported is what is recorded when the log is handed out.
const exported tollgate.AuditAction = "audit.export"

// Export implements admin.Evidence.
func (e Evidence) Export(ctx context.Context, to io.Writer) error {
	now := time.Now()
	if e.taken != nil {
		event := tollgate.AuditEvent{Time: now, Action: exported, Actor: tollgate.ActorOf(ctx), Object: "audit log", Outcome: "done"}
		if err := e.store.Note(ctx, event); err != nil {
			return err
		}
		if _, err := e.taken.checkpoint(ctx); err != nil {
			return err
		}
	}
	defer e.store.Trail().Keep()()
	return audit.Export(ctx, e.store.Trail(), e.key, now, to)
}
