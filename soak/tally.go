package main

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"
)

// tally is what clients did and what came of it.
type tally struct {
	mu       *sync.Mutex
	done     map[string]int      // by action
	wrong    map[string]*wrong   // what should not have happened
	answered map[string]struct{} // prompts that got an answer of the ledger's
}

// wrong is something that should not have happened, perhaps many times.
type wrong struct {
	first  time.Time
	phase  string
	prompt string // of the first; empty when it was no request
	times  int
}

func newTally() tally {
	return tally{mu: new(sync.Mutex), done: map[string]int{}, wrong: map[string]*wrong{}, answered: map[string]struct{}{}}
}

// The gateway's own refusals, which every client has to reckon with.
const (
	refusedForMoney = "refused for want of money"
	refusedForPace  = "refused for its pace"
)

func (t *tally) times(action string) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.done[action]
}

func (t *tally) did(action string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.done[action]++
}

// failed notes what should not have happened.
func (w *world) failed(what string, format string, args ...any) {
	w.failedAt("", what, format, args...)
}

func (v *visitor) failed(format string, args ...any) { v.failedAt(v.prompt, v.action, format, args...) }

func (w *world) failedAt(prompt, what, format string, args ...any) {
	w.tally.mu.Lock()
	defer w.tally.mu.Unlock()
	what += ": " + fmt.Sprintf(format, args...)
	if w.tally.wrong[what] == nil {
		w.tally.wrong[what] = &wrong{first: time.Now(), phase: w.phase.Load().(string), prompt: prompt}
	}
	w.tally.wrong[what].times++
}

// owesRow notes a request that was answered to a known key.
func (t *tally) owesRow(prompt string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.answered[prompt] = struct{}{}
}

func (t *tally) failures() (sentences []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, what := range slices.Sorted(maps.Keys(t.wrong)) {
		each := t.wrong[what]
		sentences = append(sentences, fmt.Sprintf("%s (%d times, first at %s, phase %s, prompt %q)", what, each.times, each.first.UTC().Format(time.TimeOnly), each.phase, each.prompt))
	}
	return sentences
}
