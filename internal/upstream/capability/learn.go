package capability

import (
	"regexp"
	"slices"
	"strings"

	"tollgate"
	"tollgate/internal/jsonedit"
)

// Learn reads the message of a 400 that a request was answered with. It is true
// when the message names something that the request had, beta and field both
// where it is a pair, and that may be dropped; Fit then drops it. A message that
// names nothing teaches nothing.
func (t *Table) Learn(call tollgate.Call, body []byte, model, message string) bool {
	model = plain(call, model)
	p := t.plan(model)
	lesson, ok := p.lessonOf(call, body, message)
	if !ok {
		return false
	}
	lesson.Model = model
	t.memory.learn(lesson)
	return true
}

var (
	// unknownField is how the Messages API and those who run it say that they do
	// not know a member: at the beginning, so that what a request says in its
	// own words is not taken for it. Source: client-behaviour.md 2, 2026-11-23.
	unknownField = regexp.MustCompile(`^(?:[A-Za-z ]{1,40}: )?([a-z][a-z0-9_]*(?:\.[a-z0-9_]+){0,12}): Extra inputs are not permitted`)
	unknownTag   = regexp.MustCompile(`^(?:[A-Za-z ]{1,40}: )?[a-z][a-z0-9_.]{0,200}: Input tag '([a-z0-9_]{1,64})' found using 'type' does not match`)
	datedBeta    = regexp.MustCompile(`[a-z0-9]+(?:-[a-z0-9]+)*-(?:\d{4}-\d{2}-\d{2}|\d{8})`)
	aboutBetas   = regexp.MustCompile(`(?i)anthropic[-_]beta|beta (?:flag|header|value|name)`)
)

// lessonOf finds what a message names.
func (p *plan) lessonOf(call tollgate.Call, body []byte, message string) (Lesson, bool) {
	message = message[:min(len(message), 4096)]
	if found := unknownField.FindStringSubmatch(message); found != nil {
		return p.aboutField(call, body, found[1], found[1]+": Extra inputs are not permitted")
	}
	if found := unknownTag.FindStringSubmatch(message); found != nil && found[1] == "tool_reference" {
		return p.aboutField(call, body, found[1], "Input tag '"+found[1]+"' does not match")
	}
	if aboutBetas.MatchString(message) {
		return p.aboutBeta(call, message)
	}
	return Lesson{}, false
}

// aboutBeta is the lesson of a message that names a beta which was sent.
func (p *plan) aboutBeta(call tollgate.Call, message string) (Lesson, bool) {
	for _, name := range datedBeta.FindAllString(message, 8) {
		f := p.of(name)
		if f < 0 && slices.Contains(call.Betas, name) {
			return lessonAbout(name, "", "the 400 names the beta "+name), true
		}
		if f >= 0 && p.features[f].droppable() && p.announced(f, call.Betas) {
			return lessonAbout(name, "", "the 400 names the beta "+name), true
		}
	}
	return Lesson{}, false
}

// aboutField is the lesson of a message that names a place. A field that needs
// a beta teaches only where the client sent that too: otherwise the mistake is
// the client's, and others should not suffer for it.
func (p *plan) aboutField(call tollgate.Call, body []byte, path, evidence string) (Lesson, bool) {
	f, field := p.named(path)
	switch {
	case f >= 0:
		d := &p.features[f]
		if !d.droppable() || len(d.betas) > 0 && !p.announced(f, call.Betas) || !has(body, d.fields) {
			return Lesson{}, false
		}
	case field == "" || isOurs(field) || !has(body, []string{field}):
		return Lesson{}, false
	}
	return lessonAbout("", field, evidence), true
}

func lessonAbout(beta, field, evidence string) Lesson {
	return Lesson{Beta: beta, Field: field, Evidence: evidence[:min(len(evidence), 200)]}
}

// droppable says whether an answer may make the gateway drop the feature.
func (d *decided) droppable() bool {
	return !d.means && !d.fixed && d.verdict != refuse && (d.verdict != drop || d.held != nil)
}

// announced says whether one of the betas belongs to the feature.
func (p *plan) announced(f int, betas []string) bool {
	return slices.ContainsFunc(betas, func(beta string) bool { return p.of(beta) == f })
}

// named finds the feature and the field of a place as an error names it:
// elements by their number, and behind them, or behind a member that has
// several forms, the name of the form, which is no member at all. Of what is no
// feature's, a member of the request itself is a field of its own, and so is
// one of every tool.
func (p *plan) named(path string) (f int, field string) {
	parts := strings.Split(path, ".")
	for f := range p.features {
		for _, field := range p.features[f].fields {
			if path == field || slices.ContainsFunc(placesOf(field), func(place string) bool { return leadsTo(parts, stepsOf(place)) }) {
				return f, field
			}
		}
	}
	switch last := parts[len(parts)-1]; {
	case len(parts) == 1:
		return -1, path
	case parts[0] == "tools" && len(parts) <= 4 && len(parts) >= 3 && isNumber(parts[1]) && !isNumber(last) && !isOurs("tools[]."+last):
		return -1, "tools[]." + last
	}
	return -1, ""
}

// leadsTo says whether the parts of a named place are these steps, with names
// of forms in between.
func leadsTo(parts []string, steps []step) bool {
	if len(steps) == 0 {
		return len(parts) == 0
	}
	if len(parts) == 0 {
		return false
	}
	if s := steps[0]; s.element && isNumber(parts[0]) || !s.element && s.name == parts[0] {
		return leadsTo(parts[1:], steps[1:]) || len(steps) > 1 && len(parts) > 1 && !isNumber(parts[1]) && leadsTo(parts[2:], steps[1:])
	}
	return false
}

func isNumber(part string) bool {
	return part != "" && strings.Trim(part, "0123456789") == ""
}

// has says whether a body has one of the fields.
func has(body []byte, fields []string) bool {
	look := &plan{features: []decided{{feature: feature{fields: fields}}}}
	for _, field := range fields {
		for _, path := range placesOf(field) {
			look.root.add(stepsOf(path), 0)
		}
	}
	look.root.gate()
	w := walk{plan: look, edits: jsonedit.Edit(body), found: make([]int, 1)}
	w.body()
	return w.found[0] > 0
}
