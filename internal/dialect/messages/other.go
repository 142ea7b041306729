package messages

import (
	"iter"

	"tollgate/internal/jsonedit"
)

// OtherModels yields the models that a body which Read has accepted may use
// beside the one it names: those it may fall back to (providers.md 1.11, where
// "default" stands for a list of the provider's), and those that a tool such
// as the advisor asks, be it that the request or one of its messages has it. A rule about models has to look at them too.
func OtherModels(body *jsonedit.Object) iter.Seq[string] {
	return func(yield func(string) bool) {
		seen := look(body.Bytes())
		for member, err := range body.Members() {
			if err != nil || !seen.yieldOthers(member, yield) {
				return
			}
		}
	}
}

// yieldOthers yields those that one member of a request names. It returns false
// when no more are wanted.
func (s *sights) yieldOthers(member jsonedit.Member, yield func(string) bool) bool {
	switch {
	case member.Is("fallbacks"):
		return yieldModels(member.Value, true, yield)
	case member.Is("tools"):
		return !s.mayName(member) || yieldModels(member.Value, false, yield)
	case member.Is("messages"), member.Is("system"):
		return !s.bringsTools(member) || s.yieldNamed(member, yield)
	}
	return true
}

// yieldModels yields what a value names: a text, the texts of a list where
// texts count, the member "model" of the objects in a list. It returns false
// when no more are wanted.
func yieldModels(value []byte, texts bool, yield func(string) bool) bool {
	if name, ok := jsonedit.Text(value); ok && texts {
		return yield(name)
	}
	for element := range jsonedit.Elements(value) {
		name, ok := jsonedit.Text(element)
		if ok = ok && texts; !ok {
			if element[0] != '{' {
				continue
			}
			var member jsonedit.Member
			if member, ok = jsonedit.Find(element, "model"); ok {
				name, ok = member.Text()
			}
		}
		if ok && !yield(name) {
			return false
		}
	}
	return true
}
