package tokenexchange

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// placeholder is where a claim goes in the name of a service account.
var placeholder = regexp.MustCompile(`\{([^{}]+)\}`)

// nameOf is the name of the service account for a job. ok is false when a claim is
// missing, or what comes out is no name for one: it must fit in a scope and in a
// table, and must not be taken for a developer.
func nameOf(template string, said claims) (name string, ok bool) {
	ok = true
	name = placeholder.ReplaceAllStringFunc(template, func(hole string) string {
		value := said[hole[1:len(hole)-1]]
		ok = ok && value != ""
		return value
	})
	return name, ok && isName(name)
}

// mostName is how long a service account's name may be, in characters.
const mostName = 100

func isName(name string) bool {
	first, _ := utf8.DecodeRuneInString(name)
	return (unicode.IsLetter(first) || unicode.IsDigit(first)) && utf8.ValidString(name) && utf8.RuneCountInString(name) <= mostName &&
		!strings.Contains(name, "@") && strings.TrimSpace(name) == name && !strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) })
}

// templateProblem says what is wrong with a template; empty: nothing.
func templateProblem(template string) string {
	bare := placeholder.ReplaceAllString(template, "a")
	switch {
	case template == "":
		return "is missing"
	case strings.ContainsAny(bare, "{}") || !isName(bare):
		return "is not a name for a service account"
	}
	return ""
}
