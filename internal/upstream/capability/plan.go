package capability

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"tollgate"
)

// plan is what the table comes to for one model. It is not changed once made.
type plan struct {
	features []decided
	byBeta   map[string]int // by whole name or by family
	root     node
}

// decided is a feature and what becomes of it.
type decided struct {
	feature
	rule
	fixed bool // by the configuration, so that nothing is learned about it
	held  *Lesson
}

// removes says whether the feature's fields are taken away.
func (d *decided) removes() bool { return d.verdict == drop || d.verdict == instead }

// watched says whether it matters that the fields are there.
func (d *decided) watched() bool {
	return d.removes() || d.verdict == idle || d.verdict == with || d.verdict == refuse
}

// family is a beta's name without its date.
func family(beta string) string {
	for _, shape := range []string{"-0000-00-00", "-00000000"} {
		at := len(beta) - len(shape)
		if at > 0 && shaped(beta[at:], shape) {
			return beta[:at]
		}
	}
	return beta
}

func shaped(text, shape string) bool {
	for i := range len(text) {
		if digit := text[i] >= '0' && text[i] <= '9'; digit != (shape[i] == '0') || !digit && text[i] != shape[i] {
			return false
		}
	}
	return true
}

// of finds the feature that a beta belongs to, or -1.
func (p *plan) of(beta string) int {
	if f, ok := p.byBeta[beta]; ok {
		return f
	}
	if f, ok := p.byBeta[family(beta)]; ok {
		return f
	}
	return -1
}

// owner finds the feature that a field belongs to, or -1.
func (p *plan) owner(field string) int {
	return slices.IndexFunc(p.features, func(d decided) bool { return slices.Contains(d.fields, field) })
}

// newPlan decides every feature for a model: what the configuration says, then
// what was learned, then the table.
func newPlan(provider, model string, config Config, lessons []Lesson) *plan {
	p := &plan{byBeta: map[string]int{}}
	for _, f := range features {
		p.put(decided{feature: f, rule: ruleFor(provider, model, f.name)})
	}
	for i := range lessons {
		p.learned(&lessons[i])
	}
	p.configured(config)
	for i := range p.features {
		if !p.features[i].watched() {
			continue
		}
		for _, field := range p.features[i].fields {
			for _, path := range placesOf(field) {
				p.root.add(stepsOf(path), i)
			}
		}
	}
	p.root.gate()
	return p
}

func (p *plan) put(d decided) int {
	for _, beta := range d.betas {
		p.byBeta[beta] = len(p.features)
	}
	p.features = append(p.features, d)
	return len(p.features) - 1
}

func ruleFor(provider, model, feature string) rule {
	for _, r := range rules[provider] {
		if r.feature == feature && (r.models == nil || slices.ContainsFunc(r.models, func(glob string) bool { return tollgate.MatchModel(glob, model) })) {
			return r
		}
	}
	return rule{feature: feature}
}

func (p *plan) learned(l *Lesson) {
	f := p.find(l.Beta, l.Field)
	d := &p.features[f]
	d.held = l
	d.rule = rule{feature: d.name, verdict: drop, source: source{"learned from a 400", l.At.UTC().Format(time.DateOnly)}}
}

// find is the feature of a beta or a field, which becomes one of its own where
// none is known.
func (p *plan) find(beta, field string) int {
	f := -1
	if beta != "" {
		f = p.of(beta)
	} else {
		f = p.owner(field)
	}
	switch {
	case f >= 0:
		return f
	case beta != "":
		return p.put(decided{feature: feature{name: beta, betas: []string{beta}}})
	}
	return p.put(decided{feature: feature{name: field, fields: []string{field}}})
}

// configured applies what the configuration says; of a pair, the field counts.
func (p *plan) configured(config Config) {
	for _, beta := range sortedKeys(config.Betas) {
		p.set(p.find(beta, ""), config.Betas[beta])
	}
	for _, field := range sortedKeys(config.Fields) {
		p.set(p.find("", field), config.Fields[field])
	}
}

func (p *plan) set(f int, word string) {
	word, to, _ := strings.Cut(word, ":")
	d := &p.features[f]
	d.fixed, d.held = true, nil
	d.rule = rule{feature: d.name, to: strings.TrimSpace(to), source: source{text: "configuration"}}
	d.verdict = map[string]verdict{"keep": keep, "drop": drop, "refuse": refuse, "rename": rename}[word]
}

// fit says what becomes of the betas when the fields in found are there.
func (p *plan) fit(provider string, given []string, found []int) (betas, splices []string, err error) {
	removed := make([][]string, len(p.features))
	for _, beta := range given {
		f := p.of(beta)
		if f < 0 {
			betas = add(betas, beta)
			continue
		}
		switch d := &p.features[f]; {
		case d.verdict == rename && beta != d.to:
			betas = add(betas, d.to)
			splices = append(splices, fmt.Sprintf("beta %s sent as %s: that is its name at %s (%s)", beta, d.to, provider, d.source))
		case d.verdict == keep, d.verdict == rename, d.verdict == with, d.verdict == idle && found[f] > 0, d.verdict == instead && beta == d.to:
			betas = add(betas, beta)
		case d.verdict == refuse && len(d.fields) == 0:
			return nil, nil, d.refusal(provider, "capability_rejected: beta_header:"+beta+" ", "the beta "+beta)
		default:
			removed[f] = append(removed[f], beta)
		}
	}
	for f := range p.features {
		d := &p.features[f]
		if d.verdict == refuse && found[f] > 0 {
			return nil, nil, d.refusal(provider, "", "")
		}
		if d.removes() && found[f] > 0 || len(removed[f]) > 0 {
			splices = append(splices, d.removal(provider, removed[f], found[f]))
		}
		if to := d.to; (d.verdict == with || d.verdict == instead) && found[f] > 0 && !slices.Contains(betas, to) {
			betas = append(betas, to)
			splices = append(splices, fmt.Sprintf("beta %s added: %s wants it for %s (%s)", to, provider, d.name, d.source))
		}
	}
	return betas, splices, nil
}

func add(betas []string, beta string) []string {
	if slices.Contains(betas, beta) {
		return betas
	}
	return append(betas, beta)
}
