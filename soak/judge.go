package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"tollgate"
	"tollgate/internal/store"
)

// requirement is one thing that has to hold in the end.
type requirement struct {
	name  string
	found string
	bound string
	met   bool
}

func (r requirement) String() string {
	verdict := "ok  "
	if !r.met {
		verdict = "FAIL"
	}
	return fmt.Sprintf("%s  %s: %s (%s)", verdict, r.name, r.found, r.bound)
}

// report is what came of the run.
type report struct {
	options options
	world   *world
	begun   time.Time
	lasted  time.Duration

	before, after sample // of the same process, at rest
	rows          int
	strict        tollgate.Money // the limit of the strict budget in the end
	requirements  []requirement
}

func (r *report) met() bool {
	for _, each := range r.requirements {
		if !each.met {
			return false
		}
	}
	return len(r.requirements) > 0
}

func (r *report) require(met bool, name, found, bound string) {
	r.requirements = append(r.requirements, requirement{name, found, bound, met})
}

// What counts as flat: what a process of Go and SQLite moves by at rest, and
// what the keys that were made meanwhile take. Each of four readers of the
// database has two files open, for a minute after its last question.
const (
	heapSlack       = 4 << 20 // bytes, beside a tenth
	residentSlack   = 32 << 20
	goroutinesSlack = 4
	filesSlack      = 8
)

// judge asks the gateway, ends it, and asks what it has left behind.
func (r *report) judge(ctx context.Context) {
	w := r.world
	w.phase.Store("judging")
	r.judgeSize()
	failures := w.tally.failures()
	r.require(len(failures) == 0, "what was to succeed has succeeded", orNone(failures), "no failures")
	r.judgeHolds(ctx)
	checked, err := w.admin.CheckLedger(ctx)
	r.require(err == nil && checked.Differences+checked.Waiting+checked.Open == 0, "ledger check of the running gateway",
		fmt.Sprintf("%d differences in %d rows, %s", checked.Differences, checked.Requests, orNone(sentences(checked, err))), "none")
	var ends []string
	for n, each := range w.processes {
		if n == len(w.processes)-1 {
			err = each.stop()
		} else {
			err = each.err
		}
		if err != nil {
			ends = append(ends, fmt.Sprintf("process %d: %v", n+1, err))
		}
	}
	r.require(len(ends) == 0, "every process ends with status 0", fmt.Sprintf("%d processes, %s", len(w.processes), orNone(ends)), "all of them")
	r.judgeLedger(ctx)
	r.judgeFolder()
	faults := w.grep("tollgate has a fault", "panic", "DATA RACE")
	r.require(len(faults) == 0, "no fault in the log", orNone(faults), "none")
}

func (r *report) judgeSize() {
	before, after := r.before, r.after
	r.require(before.process == after.process, "both measurements are of one process", fmt.Sprintf("%d and %d", before.process, after.process), "the same")
	for _, each := range []struct {
		name          string
		before, after float64
		slack         float64
		show          func(float64) string
	}{
		{"heap", before.heap, after.heap, before.heap/10 + heapSlack, megabytes},
		{"resident memory", before.resident, after.resident, before.resident/5 + residentSlack, megabytes},
		{"goroutines", before.goroutines, after.goroutines, goroutinesSlack, whole},
		{"file descriptors", before.files, after.files, filesSlack, whole},
	} {
		r.require(each.after <= each.before+each.slack, each.name+" after the load, as after warming up",
			each.show(each.before)+" before, "+each.show(each.after)+" after", "at most "+each.show(each.before+each.slack))
	}
}

// judgeLedger compares the rows with what the provider and the clients saw.
func (r *report) judgeLedger(ctx context.Context) {
	seen, rows, problems := r.world.provider.count(), map[string]int{}, []string(nil)
	unsent, extra, money := 0, 0, account{}
	err := r.read(ctx, func(x *tollgate.Exchange) {
		r.rows++
		rows[x.Prompt]++
		money.add(x)
		if x.Upstream != "" && seen[x.Prompt] == 0 {
			if unsent++; x.Error != "client_hung_up" && x.Status != tollgate.ClientGone.Status() {
				problems = append(problems, fmt.Sprintf("request %s (%s) names the upstream, which has not seen it", x.ID, x.Prompt))
			}
		}
	})
	if err != nil {
		problems = append(problems, err.Error())
	}
	for prompt, times := range seen {
		if rows[prompt] != 1 || times != 1 {
			problems = append(problems, fmt.Sprintf("%s: the provider saw it %d times, and it has %d rows", prompt, times, rows[prompt]))
		}
	}
	for prompt, n := range rows {
		if n > 1 && seen[prompt] == 0 {
			extra++
		}
	}
	r.require(len(problems) == 0 && extra == 0, "the provider's count is the ledger's",
		fmt.Sprintf("the provider saw %d, %d rows in all, of which %d were given up by the client before they were sent; %s", len(seen), r.rows, unsent, orNone(problems)), "one row each")
	r.judgeMoney(money)
	missing := 0
	for prompt := range r.world.tally.answered {
		if rows[prompt] != 1 {
			missing++
		}
	}
	r.require(missing == 0, "no answer without a row", fmt.Sprintf("%d requests were answered, %d of them have no row", len(r.world.tally.answered), missing), "none")
}

// read shows every row of the ledger that was left behind.
func (r *report) read(ctx context.Context, show func(*tollgate.Exchange)) error {
	kept, err := store.OpenReadOnly(ctx, filepath.Join(r.world.data(), store.File))
	if err != nil {
		return err
	}
	err = kept.Slices(ctx, 1000, func(slice *store.Slice) error {
		for _, x := range slice.Rows {
			show(x)
		}
		return nil
	})
	return errors.Join(err, kept.Close())
}

// judgeFolder wants nothing in the journal, and nothing that was set aside.
func (r *report) judgeFolder() {
	left, err := filepath.Glob(filepath.Join(r.world.data(), "journal", "*", "*"))
	r.require(err == nil && len(left) == 0, "the journal is empty", orNone(left), "no segments, no quarantine")
}

// grep finds lines of the log that hold one of the words.
func (w *world) grep(words ...string) (lines []string) {
	text, err := os.ReadFile(w.logFile())
	if err != nil {
		return []string{err.Error()}
	}
	for line := range strings.Lines(string(text)) {
		for _, word := range words {
			if strings.Contains(line, word) {
				lines = append(lines, strings.TrimSpace(line))
				break
			}
		}
	}
	return lines
}
