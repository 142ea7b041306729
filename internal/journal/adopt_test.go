package journal

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestPromise2_ClosedCountsWhereverItStands: the disk said that a closed record
// had failed, and has it. The request is opened again behind it.
func TestPromise2_ClosedCountsWhereverItStands(t *testing.T) {
	w := newWorld(t)
	w.ledger.setAway(errAway)
	j := w.open(t)
	mustBegin(t, j, "a")
	j.End(request("a"))
	mustBegin(t, j, "a") // as carry does
	kill(j)
	w.ledger.setAway(nil)
	mustStop(t, w.open(t))
	if x := w.ledger.row("a"); x == nil || x.Interrupted {
		t.Errorf("%+v", x)
	}
}

// TestPromise2_EstateNeedsNoRoom: what a dead process left is stored and
// cleared away while this one's own disk takes nothing.
func TestPromise2_EstateNeedsNoRoom(t *testing.T) {
	w := newWorld(t)
	w.ledger.setAway(errAway)
	j := w.open(t)
	mustBegin(t, j, "a")
	next := w.open(t)
	mustBegin(t, next, "b")
	w.disk.set(faults{sync: noSpace, sticky: true})
	kill(j)
	if _, err := next.Begin(asked("c")); err != nil {
		t.Fatal(err)
	}
	w.disk.set(faults{write: noSpace, create: noSpace, sync: noSpace, sticky: true})
	w.ledger.setAway(nil)
	next.look()
	mustFlush(t, next)
	if _, err := os.Stat(j.folder.path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("its folder is still there: %v", err)
	}
}

// TestAdopt_TheElderTakesFromTheYounger: whichever of two processes dies, the
// other stores what it left.
func TestAdopt_TheElderTakesFromTheYounger(t *testing.T) {
	w := newWorld(t)
	elder := w.open(t)
	younger := w.open(t)
	mustBegin(t, younger, "a")
	kill(younger)
	elder.look()
	mustFlush(t, elder)
	sameIDs(t, w, "a")
}

// TestAdopt_StrangersInTheFolder: what is no journal stays as it is, and what
// cannot be taken stands in nobody's way and is told once.
func TestAdopt_StrangersInTheFolder(t *testing.T) {
	w := newWorld(t)
	w.ledger.setAway(errAway)
	j := w.open(t)
	mustBegin(t, j, "a")
	kill(j)
	w.ledger.setAway(nil)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(os.Mkdir(filepath.Join(w.path, "lost+found"), 0o700))
	must(os.MkdirAll(filepath.Join(w.path, "20200101T000000.000000Z-1", lockName), 0o700)) // no lock can be had
	must(os.Mkdir(filepath.Join(j.folder.path, "00000007.seg"), 0o700))
	must(os.WriteFile(filepath.Join(w.path, "20200101T000000.000000Z-2"), []byte("x"), 0o600))
	next := w.open(t)
	mustFlush(t, next)
	sameIDs(t, w, "a")
	next.look()
	if _, err := os.Stat(filepath.Join(w.path, "lost+found")); err != nil {
		t.Error(err)
	}
	if n := strings.Count(w.log.String(), "level=ERROR"); n != 1 {
		t.Errorf("%d errors: %s", n, w.log)
	}
	must(os.Remove(filepath.Join(w.path, "20200101T000000.000000Z-1", lockName)))
	next.look()
	if !strings.Contains(w.log.String(), "can be read again") {
		t.Error(w.log)
	}
}
