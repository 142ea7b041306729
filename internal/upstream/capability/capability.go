// Package capability knows what a provider and a model accept of a request
// beside what everybody accepts: betas, members of the body, members of tools.
// It is data, with a source and a date for every entry; what a provider refuses
// that is not in it is learned from the refusal.
//
// A beta and the fields that belong to it come and go together: half a pair is
// a hard error. It refuses to take away what would change the meaning of a
// request, and touches neither the envelope nor what stands inside the schema
// or the input of a tool. Whatever it does not know passes.
package capability

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"tollgate"
	"tollgate/internal/jsonedit"
)

// Table is what one upstream accepts. It may be used by many goroutines at
// once.
type Table struct {
	provider  string
	overrides Config
	memory    *Memory

	lock  sync.Mutex
	plans map[string]*plan // by model, as of this edition of the memory
	as    int
}

// maxPlans bounds how many models are remembered.
const maxPlans = 256

// New makes the table of an upstream of this provider. What it learns goes into
// memory.
func New(provider string, overrides Config, memory *Memory) *Table {
	return &Table{provider: provider, overrides: overrides, memory: memory, plans: map[string]*plan{}}
}

// Fit collects in edits what has to change about a call for the upstream's model
// of this name, and returns the betas that may go with it. What was changed is
// said in splices, one sentence each. An error is a refusal: something that
// would change what the request means is never dropped.
func (t *Table) Fit(edits *jsonedit.Edits, call tollgate.Call, model string) (betas, splices []string, err error) {
	p := t.plan(plain(call, model))
	w := walk{plan: p, edits: edits, found: make([]int, len(p.features))}
	w.body()
	return p.fit(t.provider, call.Betas, w.found)
}

// plain is the model by which rules know it. A deployment can have any name; it
// serves what the client asked for.
func plain(call tollgate.Call, model string) string {
	if base := tollgate.ParseModel(model).Base; strings.HasPrefix(base, "claude-") {
		return base
	}
	return tollgate.ParseModel(call.Model).Base
}

// plan is the one for a model.
func (t *Table) plan(model string) *plan {
	edition, until := t.memory.state()
	if !until.IsZero() && !t.memory.now().Before(until) {
		t.memory.forget()
		edition, _ = t.memory.state()
	}
	t.lock.Lock()
	defer t.lock.Unlock()
	if t.as != edition || len(t.plans) >= maxPlans {
		t.plans, t.as = map[string]*plan{}, edition
	}
	if t.plans[model] == nil {
		t.plans[model] = newPlan(t.provider, model, t.overrides, t.lessons(model))
	}
	return t.plans[model]
}

// lessons are those about a model.
func (t *Table) lessons(model string) []Lesson {
	return slices.DeleteFunc(t.memory.Lessons(), func(l Lesson) bool { return l.Model != model })
}

// Rule is one entry of the table as people read it.
type Rule struct {
	Feature  string
	Betas    []string // without their date where it does not matter
	Fields   []string // that come and go with the betas
	Models   []string // globs, empty for every model
	Verdict  string   // keep, drop, refuse, …; with the other beta where there is one
	Source   string   // where it is from: whose table or documentation, the configuration, a 400
	Date     string   // of the source, as in 2026-11-23; empty for the configuration
	Evidence string   // of what was learned: what the provider said
	Learned  time.Time
}

// Rules are the whole table: what the configuration says, what was learned and
// holds, and what is built in, in this order.
func (t *Table) Rules() (list []Rule) {
	p := newPlan(t.provider, "", t.overrides, nil)
	settled := map[string]bool{}
	for _, d := range p.features {
		if d.fixed {
			settled[d.name] = true
			list = append(list, d.show())
		}
	}
	for _, l := range t.memory.Lessons() {
		q := newPlan(t.provider, l.Model, t.overrides, []Lesson{l})
		if d := q.features[q.find(l.Beta, l.Field)]; d.held != nil {
			shown := d.show()
			shown.Models, shown.Evidence, shown.Learned = []string{l.Model}, l.Evidence, l.At
			list = append(list, shown)
		}
	}
	for _, r := range rules[t.provider] {
		if !settled[r.feature] {
			d := decided{feature: features[slices.IndexFunc(features, func(f feature) bool { return f.name == r.feature })], rule: r}
			list = append(list, d.show())
		}
	}
	return list
}

func (d *decided) show() Rule {
	shown := Rule{Feature: d.name, Betas: d.betas, Fields: d.fields, Models: d.models, Verdict: d.verdict.String(), Source: d.source.text, Date: d.source.date}
	if d.to != "" {
		shown.Verdict += " " + d.to
	}
	return shown
}

func sortedKeys(of map[string]string) []string { return slices.Sorted(maps.Keys(of)) }
