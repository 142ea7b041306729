package rollout

import (
	"slices"
	"strings"

	"tollgate"
)

// tier is a size of model that Claude Code asks for by itself.
type tier struct {
	word     string // in the names of its models
	variable string
	own      string // what the client asks for without the variable
	purpose  string
}

// tiers, the default one first. Their names are those of Claude Code 2.1.330.
var tiers = []tier{
	{"opus", "ANTHROPIC_DEFAULT_OPUS_MODEL", "claude-opus-5-5", "for opus, with which it starts"},
	{"sonnet", "ANTHROPIC_DEFAULT_SONNET_MODEL", "claude-sonnet-5-5", "for sonnet"},
	{"haiku", "ANTHROPIC_DEFAULT_HAIKU_MODEL", "claude-haiku-5-5", "for haiku, and for small tasks in the background"},
}

// named are the models that the client has to be told, because what it asks for by
// itself would be refused, or would be an old one.
func (g Gateway) named() (variables []Variable) {
	for _, t := range tiers {
		why := "This gateway does not serve " + t.own + ", which Claude Code asks for by itself " + t.purpose + "."
		name := g.closest(t)
		switch {
		case g.Format == Foundry && name != "": // it starts with claude-sonnet-4-5 otherwise
			why = "In this format Claude Code asks for older models by itself; this is what it asks for " + t.purpose + "."
		case name == t.own || name == "":
			continue
		}
		variables = append(variables, Variable{Name: t.variable, Value: name, Why: why})
	}
	if first := g.first(); first != "" {
		variables = append(variables, Variable{
			Name: "ANTHROPIC_MODEL", Value: first,
			Why: "The model with which a session starts, since in this format, or with these models, Claude Code would start with another one. A developer changes it with /model or --model.",
		})
	}
	return variables
}

// first is the model to start with, where the client's own choice is none.
func (g Gateway) first() string {
	name := g.closest(tiers[0])
	if name == "" || g.Format != Foundry && strings.Contains(name, tiers[0].word) {
		return ""
	}
	return name
}

// closest is what is served of a tier: the client's own choice, or else the
// newest of the same size, or else the newest of the nearest one.
func (g Gateway) closest(t tier) string {
	if g.Serves(t.own) {
		return t.own
	}
	at := slices.Index(tiers, t)
	for _, near := range [][]int{{0, 1, 2}, {1, 2, 0}, {2, 1, 0}}[at] {
		if name := g.newest(tiers[near].word); name != "" {
			return name
		}
	}
	return g.newest("")
}

// newest of the models whose id holds this word.
func (g Gateway) newest(word string) string {
	var found *tollgate.Model
	for i := range g.Models {
		each := &g.Models[i]
		if strings.Contains(each.ID, word) && (found == nil || each.CreatedAt.After(found.CreatedAt)) {
			found = each
		}
	}
	if found == nil {
		return ""
	}
	return found.ID
}
