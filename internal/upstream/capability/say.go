package capability

import (
	"fmt"
	"strings"

	"tollgate"
)

// String is the source in few words.
func (s source) String() string {
	if s.date == "" {
		return s.text
	}
	return s.text + ", " + s.date
}

// removal says what was taken away, and why.
func (d *decided) removal(provider string, betas []string, fields int) string {
	var what []string
	if len(betas) > 0 {
		what = append(what, "beta "+strings.Join(betas, " and "))
	}
	if d.removes() && fields > 0 {
		what = append(what, fmt.Sprintf("%s (%s)", strings.Join(d.fields, " or "), times(fields)))
	}
	them := "it"
	if len(what) > 1 || len(betas) > 1 {
		them = "them"
	}
	return fmt.Sprintf("%s removed: %s does not take %s (%s)", strings.Join(what, " and "), provider, them, d.source)
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

// refusal is what a client is told whose request has what must not be dropped.
// Where clients know a token for it the message begins with that: they then ask
// again without it.
func (d *decided) refusal(provider, token, what string) error {
	if d.code != "" {
		token = "capability_rejected: " + d.code + " "
	}
	if what == "" {
		what = strings.Join(d.fields, " or ")
	}
	refused := tollgate.Errorf(tollgate.Invalid, "%sthis model is served by an upstream of the kind %s, which does not take %s; send the request without it, or ask for a model that is served elsewhere", token, provider, what)
	refused.Details = d.details
	return refused
}
