package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"tollgate"
	"tollgate/internal/audit"
	"tollgate/internal/store"
)

// auditResult is what recording and verifying take.
type auditResult struct {
	without, with sample // processor time of a row in the ledger, µs
	verified      sample // of the whole log, seconds
	records       int64
}

// The audit log that is measured.
const (
	rowsAtOnce    = 500 // as the ledger's writer has them under load
	rowsOfTurn    = 40_000
	verifyRecords = 1_000_000
)

func measureAudit(ctx context.Context, o options, r *results) error {
	progress("audit")
	for range o.effort.pairs {
		for _, turn := range []struct {
			recorded bool
			into     *sample
		}{{false, &r.audit.without}, {true, &r.audit.with}} {
			if err := inLog(ctx, turn.recorded, func(l *auditLog) error { return l.fill(ctx, rowsOfTurn, turn.into) }); err != nil {
				return err
			}
		}
	}
	return inLog(ctx, true, func(l *auditLog) error {
		if err := l.fill(ctx, verifyRecords, new(sample)); err != nil {
			return err
		}
		for range max(1, o.effort.pairs/2) {
			if err := l.verify(ctx, &r.audit); err != nil {
				return err
			}
		}
		return nil
	})
}

// auditLog is a database with rows and, it may be, their records.
type auditLog struct {
	*store.Store
	keys note.Verifiers
	at   time.Time
}

func inLog(ctx context.Context, recorded bool, do func(*auditLog) error) (err error) {
	folder, err := os.MkdirTemp("", "tollgate-bench-audit-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	kept, err := store.Open(ctx, filepath.Join(folder, store.File))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, kept.Close()) }()
	l := &auditLog{Store: kept, at: time.Now()}
	if !recorded {
		return do(l)
	}
	private, public, err := audit.GenerateKey("tollgate-bench")
	if err != nil {
		return err
	}
	notary, err := audit.NewNotary(private)
	if err != nil {
		return err
	}
	key, err := note.NewVerifier(public)
	if err != nil {
		return err
	}
	l.keys = note.VerifierList(key)
	if err := kept.BeginChain(ctx, audit.Scribe{}, l.at); err != nil {
		return err
	}
	if err := do(l); err != nil {
		return err
	}
	_, err = kept.TakeCheckpoint(ctx, notary, l.at)
	return err
}

// fill adds rows as Claude Code makes them, and counts processor time without that
// of making them up.
func (l *auditLog) fill(ctx context.Context, rows int, into *sample) error {
	var spent time.Duration
	for range rows / rowsAtOnce {
		batch := make([]*tollgate.Exchange, rowsAtOnce)
		for i := range batch {
			l.at = l.at.Add(time.Millisecond)
			batch[i] = audited(l.at)
		}
		began, err := used("self")
		if err != nil {
			return err
		}
		if err := l.Append(ctx, batch); err != nil {
			return err
		}
		ended, err := used("self")
		if err != nil {
			return err
		}
		spent += ended - began
	}
	*into = append(*into, float64(spent.Nanoseconds())/1000/float64(rows))
	return nil
}

// verify reads everything, rows of the ledger included, and wants it whole.
func (l *auditLog) verify(ctx context.Context, r *auditResult) error {
	began := time.Now()
	found, err := audit.Verify(ctx, l.Trail(), l.Trail(), l.keys, nil)
	if err == nil && (!found.OK() || found.Rows != verifyRecords) {
		err = fmt.Errorf("the log is not whole: %+v", found)
	}
	r.verified = append(r.verified, time.Since(began).Seconds())
	r.records = found.Records
	return err
}

// audited is a request as Claude Code makes them.
func audited(at time.Time) *tollgate.Exchange {
	const uuid = "0b54c7f2-7d1e-4c86-9d3c-5a1be1f0a7c2"
	digest := "blake3:" + strings.Repeat("0123456789abcdef", 4)
	x := &tollgate.Exchange{
		ID: tollgate.NewRequestID(at), Time: at, Upstream: "anthropic", Status: 200,
		Principal: tollgate.Principal{Key: "0123456789ab", Developer: "ada.lovelace@example.com", Team: "platform"},
		Session:   uuid, Prompt: uuid, Account: uuid, RequestClass: "interactive",
		Client: "claude-cli/2.1.80 (external, sdk-cli)", Device: strings.Repeat("0123456789abcdef", 4),
		Door: "messages", Operation: tollgate.Messages, Stream: true, StopReason: "tool_use",
		Model: gateModel, UpstreamModel: gateModel, ServedModel: gateModel,
		Cost: 48_123_450, FirstByte: 812 * time.Millisecond, Duration: 14 * time.Second,
		RequestDigest: digest, ForwardedDigest: digest, ResponseDigest: digest, RequestBytes: 118_334, ResponseBytes: 21_877,
	}
	x.Usage.Tokens = tollgate.Tokens{Input: 12, CacheWrite5m: 1834, CacheRead: 84_211, Output: 912}
	x.UpstreamRequestID = "req_011" + x.ID[4:]
	return x
}

var (
	aimRecord = aim{20, "≤ 20 µs"}
	aimVerify = aim{10, "< 10 s"}
)

func reportAudit(out *bytes.Buffer, r auditResult) {
	if len(r.with) == 0 {
		return
	}
	cost := combine(r.with, r.without, func(with, without float64) float64 { return with - without })
	fmt.Fprintf(out, "\n## The audit log\n\nProcessor time of a row in the ledger, %d in a transaction, with its record and without; and how long it takes to verify %d records, "+
		"each against the one before it and against its row, which is what `tollgate audit verify` does.\n\n", rowsAtOnce, r.records)
	table(out, "", "", "Aim")
	row(out, "a row without a record, µs", r.without.text(1), "")
	row(out, "a row and its record, µs", r.with.text(1), "")
	row(out, "what recording costs, µs", cost.text(1), aimRecord.of(cost.median()))
	row(out, fmt.Sprintf("to verify %d records and rows, s", r.records), r.verified.text(1), aimVerify.of(r.verified.median()))
}
