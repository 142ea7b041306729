package tollgate

import (
	"strings"
	"time"
)

// Model is a model as clients see it in the list of what they may use.
type Model struct {
	ID          string
	DisplayName string
	Description string
	CreatedAt   time.Time // its release; zero when unknown
}

// BareModel takes away the client's own suffix [1m], which asks for a long
// context and names no other model (providers.md 7, 2026-11-23).
func BareModel(name string) string { return strings.TrimSuffix(name, "[1m]") }

// MatchModel says whether the glob fits the model's name, whole. A star stands
// for any run of characters; everything else stands for itself.
func MatchModel(glob, model string) bool {
	head, rest, starred := strings.Cut(glob, "*")
	if !starred {
		return glob == model
	}
	if !strings.HasPrefix(model, head) {
		return false
	}
	model = model[len(head):]
	for {
		part, after, more := strings.Cut(rest, "*")
		if !more {
			return strings.HasSuffix(model, part)
		}
		at := strings.Index(model, part)
		if at < 0 {
			return false
		}
		model, rest = model[at+len(part):], after
	}
}
