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

// MatchModel says whether the glob is about the model of this name, however
// either is spelled: it fits the name as the Messages API spells it, or that
// without its date, or the name as it is written; or, without a star, it is
// another spelling of the same model. A glob with a date is about that snapshot
// alone, and so not about the undated name, which may come to stand for another
// one.
func MatchModel(glob, name string) bool {
	if glob == name {
		return true
	}
	model := ParseModel(name)
	if fits(glob, model.String()) || fits(glob, model.Base) || fitsWritten(glob, name) {
		return true
	}
	if strings.Contains(glob, "*") {
		return false
	}
	meant := ParseModel(glob)
	return meant.Base == model.Base && (meant.Date == "" || meant.Date == model.Date)
}

// fitsWritten looks at what was written, but for what stands in front of the
// model: that is the client's to choose, and would let "haiku/claude-opus-5-5"
// pass for what it is not.
func fitsWritten(glob, name string) bool {
	written := name[strings.LastIndexByte(name, '/')+1:]
	return (strings.HasPrefix(written, "claude-") || strings.Contains(glob, "anthropic.")) && fits(glob, unsuffixed(written))
}

// fits says whether the glob fits the text, whole. A star stands for any run of
// characters; everything else stands for itself.
func fits(glob, text string) bool {
	head, rest, starred := strings.Cut(glob, "*")
	if !starred {
		return glob == text
	}
	if !strings.HasPrefix(text, head) {
		return false
	}
	text = text[len(head):]
	for {
		part, after, more := strings.Cut(rest, "*")
		if !more {
			return strings.HasSuffix(text, part)
		}
		at := strings.Index(text, part)
		if at < 0 {
			return false
		}
		text, rest = text[at+len(part):], after
	}
}
