package main

import (
	"fmt"
	"maps"
	"slices"
	"sync"
)

// tally is what clients did and what came of it.
type tally struct {
	mu       *sync.Mutex
	done     map[string]int      // by action
	wrong    map[string]int      // what should not have happened
	answered map[string]struct{} // prompts that got an answer of the ledger's
}

func newTally() tally {
	return tally{mu: new(sync.Mutex), done: map[string]int{}, wrong: map[string]int{}, answered: map[string]struct{}{}}
}

func (t *tally) did(action string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.done[action]++
}

// failed notes what should not have happened.
func (t *tally) failed(action string, format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.wrong[action+": "+fmt.Sprintf(format, args...)]++
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
		sentences = append(sentences, fmt.Sprintf("%s (%d times)", what, t.wrong[what]))
	}
	return sentences
}
