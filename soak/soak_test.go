//go:build unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"tollgate"
	"tollgate/api"
)

// TestSoak is a short soak, so that the long one is there when it is needed.
func TestSoak(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes half a minute")
	}
	t.Parallel()
	folder := t.TempDir()
	gateway, out := filepath.Join(folder, "tollgate"), filepath.Join(folder, "SOAK.md")
	if said, err := exec.CommandContext(t.Context(), "go", "build", "-o", gateway, "../cmd/tollgate").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	err := run(t.Context(), []string{"--gateway", gateway, "--time", "20s", "--clients", "8", "--out", out})
	text, readErr := os.ReadFile(out)
	if err != nil || readErr != nil {
		requirements, _, _ := strings.Cut(string(text), "## What was done")
		t.Errorf("%v, %v\n%s", err, readErr, requirements)
	}
}

// A requirement that is not met is said, and fails the run.
func TestReportSaysWhatFailed(t *testing.T) {
	r := &report{world: &world{tally: newTally()}, before: sample{process: 1, heap: 10 << 20, goroutines: 20, files: 30}}
	for name, grown := range map[string]sample{
		"heap":                     {process: 1, heap: 16 << 20, goroutines: 20, files: 30},
		"goroutines":               {process: 1, heap: 10 << 20, goroutines: 30, files: 30},
		"file descriptors":         {process: 1, heap: 10 << 20, goroutines: 20, files: 40},
		"resident memory":          {process: 1, resident: 40 << 20},
		"both measurements are of": {process: 2},
	} {
		r.after, r.requirements = grown, nil
		r.judgeSize()
		var failed []string
		for _, each := range r.requirements {
			if !each.met {
				failed = append(failed, each.name)
			}
		}
		if len(failed) != 1 || !strings.HasPrefix(failed[0], name) || r.met() || !strings.Contains(r.markdown(), "**FAILED**") {
			t.Errorf("%s has grown, and what failed is %v", name, failed)
		}
	}
	r.after, r.requirements = r.before, nil
	if r.judgeSize(); !r.met() || !strings.Contains(r.markdown(), "**passed**") {
		t.Errorf("nothing has grown, and it failed: %v", r.requirements)
	}
}

// So is a budget that did not hold, and one that never refused anybody.
func TestReportSaysWhatBudgetsDid(t *testing.T) {
	good := func() *report {
		r := &report{options: options{clients: 2}, world: &world{tally: newTally()}, strict: 100}
		r.world.treasury.passed = map[string]tollgate.Money{"month": 40, "day": 3}
		r.world.tally.did(refusedForMoney)
		r.world.tally.did(refusedForPace)
		return r
	}
	for name, spoil := range map[string]func(*report){
		"":                         func(*report) {},
		"the strict budget is not": func(r *report) { r.strict = 98 },
		"the strict budget is not passed": func(r *report) {
			r.world.treasury.see(api.Budget{Enforce: "strict", SpentNanoUSD: 1, HeldNanoUSD: 1, LimitNanoUSD: 1})
		},
		"expected budgets are passed": func(r *report) { r.world.treasury.see(api.Budget{Period: "month", SpentNanoUSD: 90, LimitNanoUSD: 49}) },
		"budgets and limits refuse":   func(r *report) { delete(r.world.tally.done, refusedForMoney) },
	} {
		r := good()
		spoil(r)
		r.judgeMoney(account{spent: 99, dearest: 10})
		var failed []string
		for _, each := range r.requirements {
			if !each.met {
				failed = append(failed, each.name)
			}
		}
		if len(failed) > 1 || (len(failed) == 1) != (name != "") || !strings.HasPrefix(strings.Join(failed, ""), name) {
			t.Errorf("%q: what failed is %q", name, failed)
		}
	}
}

func TestParseMetrics(t *testing.T) {
	got, err := parseMetrics(strings.NewReader("# HELP go_goroutines x\ngo_goroutines 12\nlabelled{a=\"b c\"} 3\nfraction 1.5e+07\n"))
	if err != nil || got["go_goroutines"] != 12 || got["fraction"] != 1.5e7 {
		t.Errorf("%v, %v", got, err)
	}
}
