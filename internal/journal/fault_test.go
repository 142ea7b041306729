package journal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tollgate"
)

// diskFaults are the ways a disk fails, in pairs where they have two: failed
// and not stored; failed but stored.
var diskFaults = map[string]faults{
	"no space, not stored":       {write: noSpace},
	"no space, stored":           {write: noSpace, stored: true},
	"no space, partly stored":    {write: noSpace, short: 33},
	"no space, only a head":      {write: noSpace, short: 3},
	"write fault, not stored":    {write: ioFault},
	"write fault, stored":        {write: ioFault, stored: true},
	"read-only, not stored":      {write: readOnly},
	"read-only, stored":          {write: readOnly, stored: true},
	"sync fault, not stored":     {sync: ioFault},
	"sync fault, stored":         {sync: ioFault, stored: true},
	"no space at sync":           {sync: noSpace},
	"no space at sync, stored":   {sync: noSpace, stored: true},
	"read-only at sync":          {sync: readOnly},
	"read-only at sync, stored":  {sync: readOnly, stored: true},
	"no segment, no space":       {write: noSpace, create: noSpace},
	"no segment, write fault":    {write: ioFault, create: ioFault},
	"no segment, read-only":      {write: readOnly, create: readOnly},
	"no segment, sync not there": {sync: ioFault, create: ioFault},
}

// TestPromise2_DiskFaults: whatever the disk does, and however long, a request
// that the journal has promised to remember has its row after a power cut, one
// that it has refused is at most an estimate, and no request has two rows.
func TestPromise2_DiskFaults(t *testing.T) {
	for name, fault := range diskFaults {
		for _, sticky := range []bool{false, true} {
			for _, away := range []error{nil, errors.New("away")} {
				fault := fault
				fault.sticky = sticky
				t.Run(fmt.Sprintf("%s, lasting %v, database %v", name, sticky, away), func(t *testing.T) {
					t.Parallel()
					testFault(t, fault, away)
				})
			}
		}
	}
}

func testFault(t *testing.T, fault faults, away error) {
	refused, failing := testFaults(t, fault, faults{}, away)
	fails := fault.sticky || fault.create != nil && fault.write != nil // not even a new segment helps
	if (refused > 0) != fails || failing != fails {
		t.Errorf("%d of 5 were refused; failing: %v", refused, failing)
	}
}

// TestPromise2_DiskFaultsInPairs: the same, when a second fault of any kind
// follows the first, be it in the attempt to make up for it.
func TestPromise2_DiskFaultsInPairs(t *testing.T) {
	for one, fault := range diskFaults {
		for other, then := range diskFaults {
			t.Run(one+", then "+other, func(t *testing.T) {
				t.Parallel()
				testFaults(t, fault, then, errAway)
			})
		}
	}
}

// testFaults returns how many of five requests were refused, and whether the
// journal said then that it fails.
func testFaults(t *testing.T, fault, then faults, away error) (refused int, failing bool) {
	w := newWorld(t)
	w.ledger.setAway(away)
	j := w.open(t)
	mustBegin(t, j, "ended", "ends", "open")
	j.End(request("ended"))

	w.disk.setPair(fault, then)
	promised := []string{"open"}
	for _, id := range names("meanwhile", 5) {
		ticket, err := j.Begin(asked(id))
		if err == nil {
			err = ticket.Durable(soon(t))
		}
		switch {
		case err == nil:
			promised = append(promised, id)
		case tollgate.IsKind(err, tollgate.Unrecorded) && errors.Is(err, ErrUnable):
			refused++
		default:
			t.Fatal(err)
		}
	}
	failing = j.Stats().Failing
	j.End(request("ends"))

	w.disk.set(faults{})
	w.later.Add(int64(2 * retryAfter))
	j.look() // as every second
	if s := j.Stats(); s.Failing && j.sync() != nil {
		t.Errorf("it does not recover: %+v", s)
	}
	mustBegin(t, j, "after")
	if j.Stats().Failing {
		t.Error("it still says that it fails")
	}
	if err := j.sync(); err != nil || j.lost() > 0 { // what has ended is on the disk
		t.Fatal(err, j.lost())
	}

	kill(j)
	paths, err := filepath.Glob(filepath.Join(w.path, "*", "*"+segmentSuffix))
	if err == nil {
		err = w.disk.pull(paths)
	}
	if err != nil {
		t.Fatal(err)
	}
	w.ledger.cut()
	w.ledger.setAway(nil)
	mustStop(t, w.open(t))
	if strings.Contains(w.log.String(), "part of the journal is damaged") {
		t.Error(w.log.String())
	}

	for _, id := range []string{"ended", "ends"} {
		if x := w.ledger.row(id); x == nil || x.Interrupted || x.Cost != request("").Cost {
			t.Errorf("%s had ended: %+v", id, x)
		}
	}
	for _, id := range append(promised, "after") {
		if x := w.ledger.row(id); x == nil || !x.Interrupted {
			t.Errorf("%s was promised: %+v", id, x)
		}
	}
	for _, id := range w.ledger.ids() {
		if x := w.ledger.row(id); strings.HasPrefix(id, "meanwhile") && !slices.Contains(promised, id) && !x.Interrupted {
			t.Errorf("%s was refused: %+v", id, x)
		}
	}
	return refused, failing
}

// TestPromise2_SmallDisk fills a real file system, where that may be made.
func TestPromise2_SmallDisk(t *testing.T) {
	w := newWorld(t)
	w.path = smallDisk(t)
	w.disk = nil
	w.ledger.setAway(errors.New("away"))
	j := w.open(t)
	var begun []string
	for _, id := range names("r", 10_000) {
		ticket, err := j.Begin(asked(id))
		if err == nil {
			err = ticket.Durable(soon(t))
		}
		if err != nil {
			if !tollgate.IsKind(err, tollgate.Unrecorded) || !strings.Contains(errors.Unwrap(err).Error(), "no space") {
				t.Fatal(err)
			}
			break
		}
		begun = append(begun, id)
	}
	if len(begun) == 10_000 || len(begun) == 0 {
		t.Fatalf("%d requests found room", len(begun))
	}
	j.End(request(begun[0])) // must be kept in memory
	w.ledger.setAway(nil)
	mustFlush(t, j)
	sameIDs(t, w, begun[0])
	kill(j)
	next := w.open(t) // on a disk that is still full
	w.later.Add(int64(2 * retryAfter))
	ctx := soon(t)
	for len(w.ledger.ids()) < len(begun) && ctx.Err() == nil {
		next.look()
		_ = next.Flush(ctx)
	}
	sameIDs(t, w, begun...)
}

// TestDurable_DoesNotWaitForever for a disk that has stopped to answer.
func TestDurable_DoesNotWaitForever(t *testing.T) {
	w := newWorld(t)
	j := w.open(t)
	j.patient = 1 // nanosecond
	stalled := make(chan struct{})
	w.disk.stalled = stalled
	first := make(chan error, 1)
	go func() {
		_, err := j.Begin(asked("first")) // hangs in the kernel
		first <- err
	}()
	for len(j.turn) == 0 {
		select {
		case err := <-first:
			t.Fatal(err)
		default:
		}
	}
	if _, err := j.Begin(asked("second")); !errors.Is(err, errStalled) || !tollgate.IsKind(err, tollgate.Unrecorded) {
		t.Errorf("%v", err)
	}
	j.End(request("third"))
	close(stalled)
	if err := <-first; err != nil {
		t.Error(err)
	}
	mustFlush(t, j)
	sameIDs(t, w, "third")

	gone, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("the client has gone"))
	waits := Ticket{j, newRound()}
	j.patient = patience
	if err := waits.Durable(gone); err == nil || err.Error() != "the client has gone" {
		t.Errorf("%v", err)
	}
}

func TestOpen_SaysWhatIsWrong(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path, Options{Config: DefaultConfig(), Ledger: newMemory(), Now: newWorld(t).now}); err == nil || !strings.Contains(err.Error(), "cannot be written; make room") {
		t.Errorf("%v", err)
	}
}

// TestStop_LastSyncFails: what has ended is written again even then.
func TestStop_LastSyncFails(t *testing.T) {
	w := newWorld(t)
	w.ledger.setAway(errAway)
	j := w.open(t)
	mustBegin(t, j, "a")
	j.stop() // nobody syncs what comes now but Stop
	j.loops.Wait()
	j.End(request("a"))
	w.disk.set(faults{sync: ioFault})
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if err := j.Stop(over); err != nil {
		t.Error(err)
	}
	paths, _ := j.folder.segments()
	if err := w.disk.pull(paths); err != nil {
		t.Fatal(err)
	}
	w.ledger.setAway(nil)
	mustStop(t, w.open(t))
	if x := w.ledger.row("a"); x == nil || x.Interrupted {
		t.Errorf("%+v", x)
	}
}

// TestStop_TriesADiskThatHasJustFailed, since there is no later.
func TestStop_TriesADiskThatHasJustFailed(t *testing.T) {
	w := newWorld(t)
	w.ledger.setAway(errAway)
	j := w.open(t)
	w.disk.set(faults{write: noSpace, create: noSpace, sticky: true})
	j.End(request("a"))
	w.disk.set(faults{})
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if err := j.Stop(over); err != nil {
		t.Error(err)
	}
	w.ledger.setAway(nil)
	mustStop(t, w.open(t))
	sameIDs(t, w, "a")
}

// TestPromise2_NameThatIsTaken: a segment that could not be made and
// is there all the same is in nobody's way.
func TestPromise2_NameThatIsTaken(t *testing.T) {
	w := newWorld(t)
	j := w.open(t)
	if err := os.WriteFile(segmentPath(j.folder.path, j.number+1), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	j.hold()
	j.retire()
	j.giveBack()
	mustBegin(t, j, "a")
	j.End(request("a"))
	mustFlush(t, j)
	sameIDs(t, w, "a")
	kill(j)
	mustStop(t, w.open(t))
	if _, err := os.Stat(j.folder.path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("its folder is still there: %v", err)
	}
}

// TestPromise2_StalledDisk: while the journal's disk does not answer, what ends
// reaches the database from memory, all of it.
func TestPromise2_StalledDisk(t *testing.T) {
	w := newWorld(t)
	j := w.open(t)
	mustBegin(t, j, "begun")
	j.hold() // as a write does that hangs in the kernel
	defer j.giveBack()
	j.patient = time.Nanosecond
	for _, id := range names("r", 3) {
		j.End(request(id))
		mustFlush(t, j)
	}
	j.End(request("begun"))
	mustFlush(t, j)
	sameIDs(t, w, append(names("r", 3), "begun")...)
	if s := j.Stats(); s.Waiting != 0 || s.Open != 0 || j.lost() != 0 {
		t.Errorf("%+v, %d in memory", s, j.lost())
	}
}

// TestSync_ThatFailsForLong leaves no segments behind and says so once.
func TestSync_ThatFailsForLong(t *testing.T) {
	w := newWorld(t)
	j := w.open(t)
	w.ledger.setAway(errAway)
	mustBegin(t, j, "open", "ends")
	w.disk.set(faults{sync: ioFault, sticky: true})
	j.End(request("ends"))
	begun := []string{"open", "ends"}
	for _, id := range names("r", 50) {
		w.later.Add(int64(2 * retryAfter))
		if _, err := j.Begin(asked(id)); err == nil {
			begun = append(begun, id)
		}
		j.End(request("refused" + id))
		j.look()
		if j.sync() == nil {
			t.Fatal("it was synced")
		}
	}
	if s := j.Stats(); !s.Failing || s.Waiting > 55 {
		t.Errorf("%+v", s)
	}
	segments, err := j.folder.segments()
	if err != nil || len(segments) > 3 {
		t.Errorf("%d segments, %v", len(segments), err)
	}
	if s := j.Stats(); s.Bytes > 10*1000 || len(j.unsynced) > 10*1000 {
		t.Errorf("%+v", s)
	}
	for _, told := range []string{"could not be put on the disk", "cannot be written\"", "is written again\""} {
		if n := strings.Count(w.log.String(), told); n > 1 {
			t.Errorf("%q: %d times", told, n)
		}
	}
	j.hold()
	if j.sequence > 10 {
		t.Errorf("what was undone counts: there are %d records", j.sequence)
	}
	j.giveBack()
	w.disk.set(faults{})
	w.later.Add(int64(2 * retryAfter))
	if err := j.sync(); err != nil || j.Stats().Failing {
		t.Errorf("%v; %+v", err, j.Stats())
	}
	w.ledger.setAway(nil)
	mustFlush(t, j)
	w.ledger.cut() // it has synced nothing yet
	kill(j)
	paths, _ := j.folder.segments()
	if err := w.disk.pull(paths); err != nil {
		t.Fatal(err)
	}
	w.ledger.setAway(nil)
	mustStop(t, w.open(t))
	for _, id := range begun {
		if w.ledger.row(id) == nil {
			t.Errorf("%s has no row", id)
		}
	}
	if w.ledger.row("ends").Interrupted || !w.ledger.row("open").Interrupted {
		t.Error("wrong rows")
	}
}

// TestSync_WhatIsWrittenWhileItFails is written again with the rest.
func TestSync_WhatIsWrittenWhileItFails(t *testing.T) {
	for _, most := range []int64{1, segmentBytes} { // in a segment of its own; in the same
		w := newWorld(t)
		w.most = most
		j := w.open(t)
		mustBegin(t, j, "open", "ends")
		j.stop() // it is synced by hand
		j.loops.Wait()
		j.End(request("early"))
		w.disk.set(faults{sync: ioFault})
		w.disk.onSync = func() {
			j.End(request("ends"))
			if _, err := j.Begin(asked("late")); err != nil {
				t.Error(err)
			}
		}
		if err := j.sync(); err != nil {
			t.Error(err)
		}
		kill(j)
		paths, err := j.folder.segments()
		if err == nil {
			err = w.disk.pull(paths)
		}
		if err != nil {
			t.Fatal(err)
		}
		w.ledger.cut()
		mustStop(t, w.open(t))
		sameIDs(t, w, "early", "ends", "late", "open")
		if x := w.ledger.row("ends"); x == nil || x.Interrupted {
			t.Error("it had ended")
		}
	}
}

// TestEnd_KeepsWhatWasBegun in memory, however much there is.
func TestEnd_KeepsWhatWasBegun(t *testing.T) {
	w := newWorld(t)
	j := w.open(t)
	mustBegin(t, j, "begun")
	j.stop()
	j.loops.Wait()
	w.disk.set(faults{write: noSpace, create: noSpace, sticky: true})
	for _, id := range names("r", mostPending) {
		j.End(request(id))
	}
	j.End(request("begun"))
	if s := j.Stats(); s.Lost != 0 {
		t.Errorf("%+v", s)
	}
	j.End(request("one more"))
	if s := j.Stats(); s.Lost != 1 || !strings.Contains(w.log.String(), "a request has no row") {
		t.Errorf("%+v", s)
	}
	for j.feedPending(t.Context()) {
	}
	if s := j.Stats(); w.ledger.row("begun") == nil || s.Waiting != 0 {
		t.Errorf("%+v", s)
	}
}

// TestStop_LeavesWhatIsUnderWay for the next process to find.
func TestStop_LeavesWhatIsUnderWay(t *testing.T) {
	w := newWorld(t)
	j := w.open(t)
	mustBegin(t, j, "open")
	mustStop(t, j)
	mustStop(t, w.open(t))
	if x := w.ledger.row("open"); x == nil || !x.Interrupted {
		t.Errorf("%+v", x)
	}
}

// TestWrite_CutsOffWhatAFaultLeft, so that no reader stumbles over it.
func TestWrite_CutsOffWhatAFaultLeft(t *testing.T) {
	w := newWorld(t)
	w.ledger.setAway(errAway) // or else the segment is cleared away
	j := w.open(t)
	mustBegin(t, j, "a")
	w.disk.set(faults{write: noSpace, short: 33})
	mustBegin(t, j, "b")
	kill(j)
	w.ledger.setAway(nil)
	mustStop(t, w.open(t))
	sameIDs(t, w, "a", "b")
	if log := w.log.String(); strings.Contains(log, "in the middle of a record") {
		t.Error(log)
	}
}
