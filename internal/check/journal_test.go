package check_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tollgate"
	"tollgate/internal/check"
)

// killed puts a journal into the folder as a process leaves it that is killed
// with these requests under way and ended, before any of them is in the ledger.
func (f folder) killed(t *testing.T, open, ended []*tollgate.Exchange) (segment string) {
	t.Helper()
	j := folder{path: t.TempDir()}.openJournal(t, void{})
	for _, x := range append(open, ended...) {
		_, err := j.Begin(x)
		must(t, err)
	}
	for _, x := range ended {
		j.End(x)
	}
	segments, err := filepath.Glob(filepath.Join(j.Folder(), "*.seg"))
	if err != nil || len(segments) != 1 {
		t.Fatal(segments, err)
	}
	written, err := os.ReadFile(segments[0])
	must(t, err)
	_ = j.Stop(t.Context()) // not all have ended
	folder := filepath.Join(f.journal(), "20261123T120000.000000Z-1")
	must(t, os.MkdirAll(folder, 0o700))
	segment = filepath.Join(folder, "00000001.seg")
	must(t, os.WriteFile(segment, written, 0o600))
	return segment
}

// void is a ledger of which nothing is seen again.
type void struct{}

func (void) Append(context.Context, []*tollgate.Exchange) error { return nil }
func (void) Sync(context.Context) error                         { return nil }

// restart has the next process adopt what is there, and end.
func (f folder) restart(t *testing.T) {
	t.Helper()
	s := f.open(t)
	defer closed(t, s)
	j := f.openJournal(t, s)
	must(t, j.Flush(t.Context()))
	must(t, s.CatchUpUses(t.Context()))
	must(t, j.Stop(t.Context()))
}

func TestPromise2_WhatWaitsIsSaidAndIsNoDifference(t *testing.T) {
	t.Parallel()
	f := newFolder(t)
	x := request(10)
	f.killed(t, []*tollgate.Exchange{x}, []*tollgate.Exchange{request(11), request(15)})
	found := f.check(t)
	wantNone(t, found)
	if found.Waiting != 2 || found.Open != 1 || len(found.Notes) != 2 || !strings.Contains(found.Notes[1], x.ID) {
		t.Errorf("%+v", found)
	}
	f.wantWaiting(t, 3)
	f.restart(t)
	f.wantWaiting(t, 0)
	found = f.check(t)
	wantNone(t, found)
	if found.Waiting+found.Open != 0 || len(found.Notes) != 0 || found.Rows != 6 {
		t.Errorf("%+v", found)
	}
}

func (f folder) wantWaiting(t *testing.T, want int64) {
	t.Helper()
	s := f.open(t)
	defer closed(t, s)
	got, err := (&check.Ledger{Store: s, Journal: f.journal()}).Waiting(t.Context())
	if err != nil || got != want {
		t.Errorf("%d requests wait, %v; want %d", got, err, want)
	}
}

func TestDifferencesOfTheJournal(t *testing.T) {
	t.Parallel()
	ended := request(11)
	for name, c := range map[string]struct {
		sql  string
		says []string
	}{
		"status":      {"status = 429", []string{"status is 200", "and 429"}},
		"cost":        {"cost_nano_usd = 2000000", []string{"cost is $0.001", "and $0.002"}},
		"input":       {"input_tokens = 11", []string{"input_tokens is 10", "and 11"}},
		"5m":          {"cache_write_5m_tokens = 1", []string{"cache_write_5m_tokens is 0", "and 1"}},
		"1h":          {"cache_write_1h_tokens = 1", []string{"cache_write_1h_tokens is 0", "and 1"}},
		"cache":       {"cache_read_tokens = 11", []string{"cache_read_tokens is 20", "and 11"}},
		"output":      {"output_tokens = 0", []string{"output_tokens is 30", "and 0"}},
		"searches":    {"web_searches = 3", []string{"web_searches is 0", "and 3"}},
		"estimated":   {"estimated = 1", []string{"estimated is false", "and true"}},
		"interrupted": {"interrupted = 1", []string{"interrupted is false", "and true"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFolder(t)
			f.killed(t, nil, []*tollgate.Exchange{ended})
			s := f.open(t)
			must(t, s.Append(t.Context(), []*tollgate.Exchange{ended}))
			closed(t, s)
			wantNone(t, f.check(t))
			f.change(t, "UPDATE request SET "+c.sql+" WHERE id = ?", ended.ID)
			wantSaid(t, f.check(t), "journal", append(c.says, ended.ID)...)
		})
	}
}

func TestBitFlipInTheJournal(t *testing.T) {
	t.Parallel()
	f := newFolder(t)
	segment := f.killed(t, nil, []*tollgate.Exchange{request(11), request(15), request(16)})
	written, err := os.ReadFile(segment)
	must(t, err)
	written[len(written)/2] ^= 1
	must(t, os.WriteFile(segment, written, 0o600))
	found := f.check(t)
	wantSaid(t, found, "journal", "cannot be read", segment)
	wantSaid(t, found, "journal", "missing", segment, ": 1")
	if found.Waiting+found.Open != 3 {
		t.Errorf("%d wait and %d are open, of three", found.Waiting, found.Open)
	}
	f.restart(t) // and the damage is set aside
	found = f.check(t)
	wantSaid(t, found, "quarantine", "damaged", "00000001.seg")
	must(t, os.RemoveAll(filepath.Join(f.journal(), "quarantine")))
	wantNone(t, f.check(t))
}

// The last record of a segment may be cut short: nobody was promised it.
func TestTornEndIsNoDifference(t *testing.T) {
	t.Parallel()
	f := newFolder(t)
	segment := f.killed(t, nil, []*tollgate.Exchange{request(11), request(15)})
	info, err := os.Stat(segment)
	must(t, err)
	must(t, os.Truncate(segment, info.Size()-5))
	found := f.check(t)
	wantNone(t, found)
	if found.Waiting != 1 || found.Open != 1 {
		t.Errorf("%+v", found)
	}
}

func TestQuarantineIsNamed(t *testing.T) {
	t.Parallel()
	f := newFolder(t)
	segment := f.killed(t, nil, []*tollgate.Exchange{request(11)})
	lost := request(12)
	quarantine := filepath.Join(f.journal(), "quarantine")
	must(t, os.Mkdir(quarantine, 0o700))
	must(t, os.Rename(segment, filepath.Join(quarantine, "20261123T120000Z-1-00000001.seg")))
	must(t, os.WriteFile(filepath.Join(quarantine, "rejected-"+lost.ID+".json"), []byte("{}"), 0o600))
	found := f.check(t)
	wantSaid(t, found, "quarantine", "damaged", "20261123T120000Z-1-00000001.seg")
	wantSaid(t, found, "quarantine", lost.ID, "no row")
	wantSaid(t, found, "journal", "ended with status 200 and costs $0.001", "has no row")
}

// Of a gateway that runs, everything that has ended has its row; what is under
// way is no difference, and neither is what the database does not take.
func TestRunningGateway(t *testing.T) {
	t.Parallel()
	f := newFolder(t)
	s := f.open(t)
	j := f.openJournal(t, s)
	running := &check.Ledger{Store: s, Journal: f.journal(), Running: j}
	under := request(10)
	_, err := j.Begin(under)
	must(t, err)
	var ended []*tollgate.Exchange
	for n := range 1200 {
		x := request(20 + n/100)
		ended = append(ended, x)
		j.End(x)
	}
	found, err := running.Check(t.Context())
	must(t, err)
	wantNone(t, found)
	if found.Open != 1 || found.Waiting != 0 || found.Rows != 1203 {
		t.Errorf("%d open, %d waiting, %d rows", found.Open, found.Waiting, found.Rows)
	}
	f.change(t, "DELETE FROM request WHERE id IN (?, ?)", ended[0].ID, ended[1199].ID)
	found, err = running.Check(t.Context())
	must(t, err)
	wantSaid(t, found, "journal", ended[0].ID, "has no row")
	wantSaid(t, found, "journal", ended[1199].ID, "has no row")
	if n := found.Differences(); n != 2 {
		t.Errorf("%d differences:\n%s", n, strings.Join(said(found), "\n"))
	}
	j.End(under)
	must(t, j.Stop(t.Context()))
	closed(t, s)
}

func TestRunningGatewayWhoseDatabaseIsAway(t *testing.T) {
	t.Parallel()
	f := newFolder(t)
	s := f.open(t)
	away := &gate{Store: s, shut: make(chan struct{}), reached: make(chan struct{})}
	j := f.openJournal(t, away)
	j.End(request(10))
	<-away.reached
	found, err := (&check.Ledger{Store: s, Journal: f.journal(), Running: j}).Check(t.Context())
	must(t, err)
	wantNone(t, found)
	if found.Waiting != 1 || len(found.Notes) != 1 || !strings.Contains(found.Notes[0], "until the database takes them: 1.") {
		t.Errorf("%+v", found)
	}
	close(away.shut)
	must(t, j.Stop(t.Context()))
	closed(t, s)
}

// A living process that hands over, or has taken over, writes a folder of its
// own: what it has not stored waits.
func TestJournalOfAnotherLivingProcess(t *testing.T) {
	t.Parallel()
	f := newFolder(t)
	s := f.open(t)
	away := &gate{Store: s, shut: make(chan struct{}), reached: make(chan struct{})}
	other, own := f.openJournal(t, away), f.openJournal(t, s)
	other.End(request(10))
	_, err := other.Begin(request(11))
	must(t, err)
	found, err := (&check.Ledger{Store: s, Journal: f.journal(), Running: own}).Check(t.Context())
	must(t, err)
	wantNone(t, found)
	if found.Waiting != 1 || found.Open != 1 {
		t.Errorf("%+v", found)
	}
	close(away.shut)
	must(t, own.Stop(t.Context()))
	_ = other.Stop(t.Context()) // it has a request under way
	closed(t, s)
}

// Every record of many segments is compared, in bounded memory.
func TestJournalOfManySegments(t *testing.T) {
	t.Parallel()
	f := newFolder(t)
	s := f.open(t)
	defer closed(t, s)
	folder := filepath.Join(f.journal(), "20261123T120000.000000Z-1")
	var all []*tollgate.Exchange
	for n := range 1100 {
		all = append(all, request(20+n%7))
	}
	segment := f.killed(t, nil, all)
	for n := 2; n <= 3; n++ { // the same again, as after a failed sync
		text, err := os.ReadFile(segment)
		must(t, err)
		must(t, os.WriteFile(filepath.Join(folder, fmt.Sprintf("%08d.seg", n)), text, 0o600))
	}
	must(t, s.Append(t.Context(), all))
	found := f.check(t)
	wantNone(t, found)
	if found.Waiting != 0 || found.Rows != 1103 {
		t.Errorf("%+v", found)
	}
}
