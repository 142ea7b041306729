package upstream

import (
	"regexp"
	"strings"
)

// namesOf finds what the configuration calls the operator's own: it stands in
// errors of clouds. Nil when there is nothing of the kind.
func namesOf(config Config) *regexp.Regexp {
	var names []string
	for _, name := range []string{config.Resource, config.Project, config.Workspace} {
		if len(name) > 2 { // anything shorter is in every text
			names = append(names, regexp.QuoteMeta(name))
		}
	}
	if len(names) == 0 {
		return nil
	}
	return regexp.MustCompile(`(?i)(^|[^a-z0-9-])(?:` + strings.Join(names, "|") + `)($|[^a-z0-9-])`)
}

// Hide takes the operator's own names out of what a client is told. Text without
// any comes back as it is.
func (u *Upstream) Hide(text []byte) []byte {
	if u.own == nil || !u.own.Match(text) {
		return text
	}
	hidden := u.own.ReplaceAll(text, []byte("${1}[resource]${2}"))
	return u.own.ReplaceAll(hidden, []byte("${1}[resource]${2}")) // two of them may share what stands between
}
