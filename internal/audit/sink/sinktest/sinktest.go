// Package sinktest holds what every sink of the audit log has to do, whatever
// its kind, as tests. It knows nothing of how a sink does it.
package sinktest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tollgate"
	"tollgate/internal/audit"
	"tollgate/internal/audit/sink"
)

// Canary is what is secret in the configuration of every sink that has a secret.
const Canary = "canary-0123456789abcdef"

// Far is a sink and the far end that it leads to. What a kind cannot do is nil.
type Far struct {
	Sink sink.Sink
	// Taken are the records and the signed checkpoints that the far end has, in
	// the order in which they came.
	Taken func() []string
	// Refuse makes the far end take nothing and say so, or take things again.
	Refuse func(bool)
	// Lie makes it take everything and say that it has not.
	Lie func(bool)
	// Hang makes it say nothing. held is closed when an attempt waits for it.
	Hang func() (held <-chan struct{}, release func())
}

// Run tests a kind of sink. open makes a far end that has nothing yet.
func Run(t *testing.T, open func(t *testing.T) Far) {
	for name, test := range map[string]func(*testing.T, Far){
		"InOrderLetterByLetter": inOrder,
		"FailedAndNotDelivered": refused,
		"DeliveredButFailed":    lied,
		"WaitsForNobody":        hangs,
	} {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

// Batch is some records of a chain, written as the gateway writes them.
func Batch(chain string, first, last int64) sink.Batch {
	batch := sink.Batch{Chain: chain, First: first, Last: last}
	head := tollgate.AuditHead{Chain: chain, Length: first - 1}
	for range last - first + 1 {
		line := audit.Scribe{}.Event(head, tollgate.AuditEvent{
			Time: time.Date(2026, 11, 24, 8, 0, 0, int(head.Length)*1000, time.UTC), Action: "team.create", Actor: "admin:terraform",
			Object: "größe \u2028 \\ \"<&>\x00\n", Outcome: "done", After: []byte(`{"name":"größe"}`),
		})
		head = head.After(line)
		batch.Lines = append(batch.Lines, line)
	}
	return batch
}

// Checkpoint is one with what a signed note has.
func Checkpoint(size int64) sink.Batch {
	return sink.Batch{First: size, Last: size, Note: fmt.Sprintf("tollgate.test\n%d\nAAAA=\ntime 2026-11-24T08:00:00Z\n\n— tollgate.test Az3grl==\n", size)}
}

// want are the records and checkpoints of batches.
func want(batches ...sink.Batch) (all []string) {
	for _, each := range batches {
		for _, line := range each.Lines {
			all = append(all, string(line))
		}
		if each.Note != "" {
			all = append(all, each.Note)
		}
	}
	return all
}

func deliver(t *testing.T, far Far, batches ...sink.Batch) {
	t.Helper()
	for _, each := range batches {
		if err := far.Sink.Deliver(t.Context(), each); err != nil {
			t.Fatal(err)
		}
	}
}

func inOrder(t *testing.T, far Far) {
	batches := []sink.Batch{Batch("chn_a", 1, 3), Batch("chn_b", 1, 1), Checkpoint(2), Batch("chn_a", 4, 600), Checkpoint(3)}
	deliver(t, far, batches...)
	if got := far.Taken(); !slices.Equal(got, want(batches...)) {
		t.Errorf("the far end has %d things, which are not what was delivered: %.2000q", len(got), got)
	}
}

func refused(t *testing.T, far Far) {
	one, two := Batch("chn_a", 1, 2), Batch("chn_a", 3, 4)
	deliver(t, far, one)
	far.Refuse(true)
	for range 2 {
		err := far.Sink.Deliver(t.Context(), two)
		if err == nil {
			t.Fatal("a batch that was refused is said to have been delivered")
		}
		tame(t, err)
	}
	far.Refuse(false)
	deliver(t, far, two, Checkpoint(1))
	if got := far.Taken(); !slices.Equal(got, want(one, two, Checkpoint(1))) {
		t.Errorf("the far end has %q", got)
	}
}

// tame: the error may be logged.
func tame(t *testing.T, err error) {
	t.Helper()
	if text := err.Error(); strings.Contains(text, Canary) || strings.Contains(text, "\n") || strings.TrimSpace(text) == "" {
		t.Errorf("the error is %q", text)
	}
}

// lied: what comes again is a repetition and nothing else.
func lied(t *testing.T, far Far) {
	if far.Lie == nil {
		t.Skip("this far end answers for what it takes")
	}
	one, two := Batch("chn_a", 1, 2), Batch("chn_a", 3, 4)
	deliver(t, far, one)
	far.Lie(true)
	if err := far.Sink.Deliver(t.Context(), two); err == nil {
		t.Fatal("what the far end said was not heard")
	}
	far.Lie(false)
	deliver(t, far, two)
	got := far.Taken()
	if once := withoutRepetitions(got); !slices.Equal(once, want(one, two)) || len(got) > 6 {
		t.Errorf("the far end has %q", got)
	}
}

func withoutRepetitions(lines []string) (once []string) {
	for _, line := range lines {
		if !slices.Contains(once, line) {
			once = append(once, line)
		}
	}
	return once
}

func hangs(t *testing.T, far Far) {
	if far.Hang == nil {
		t.Skip("this far end cannot be made to hang here")
	}
	held, release := far.Hang()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- far.Sink.Deliver(ctx, Batch("chn_a", 1, 2)) }()
	<-held
	cancel()
	if err := <-done; err == nil { // or the test ends by its own bound
		t.Error("a batch that nobody answered for is said to have been delivered")
	}
	release()
	deliver(t, far, Batch("chn_a", 1, 2))
	if once := withoutRepetitions(far.Taken()); !slices.Equal(once, want(Batch("chn_a", 1, 2))) {
		t.Errorf("the far end has %q", far.Taken())
	}
}
