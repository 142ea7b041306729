package rollout

import (
	"fmt"
	"slices"
	"strings"

	"tollgate"
)

// Kind says how bad a finding is.
type Kind string

// The kinds.
const (
	Conflict Kind = "conflict" // it stands in the gateway's way, or gives something away
	Drift    Kind = "drift"    // it is not what a rollout would write now
)

// Finding is one thing about a settings file.
type Finding struct {
	Kind    Kind   `json:"kind"`
	Name    string `json:"name"`             // of the variable or the setting
	Header  string `json:"header,omitempty"` // of the requests that it changes
	Message string `json:"message"`          // what is wrong with it, and why
	Remedy  string `json:"remedy"`
}

// Check compares settings with the gateway. No finding repeats a credential.
func Check(f *Found, g Gateway, key Credential) []Finding {
	var findings []Finding
	for _, rule := range rules {
		findings = append(findings, rule(f, g)...)
	}
	findings = append(findings, drift(f, g, key)...)
	slices.SortStableFunc(findings, func(a, b Finding) int { return strings.Compare(string(a.Kind), string(b.Kind)) })
	return findings
}

// drift compares each variable with what would be written now.
func drift(f *Found, g Gateway, key Credential) (findings []Finding) {
	want := NewSettings(g, Credential{Helper: f.Helper, Key: key.Key})
	for _, variable := range want.Variables {
		got, is := f.Env[variable.Name]
		switch {
		case is && (got == variable.Value || variable.inDir && strings.HasSuffix(got, variable.Value)) || slices.Contains(f.NotText, variable.Name):
		case is && variable.Name == address[g.Format].variable && strings.TrimRight(got, "/") == variable.Value:
		case is:
			findings = append(findings, Finding{Drift, variable.Name, variable.Header, fmt.Sprintf("is %s, and this gateway needs %s. %s", shown(got), shown(variable.Value), variable.Why), "write " + variable.Value})
		default:
			findings = append(findings, Finding{Drift, variable.Name, variable.Header, "is missing. " + variable.Why, "add it with the value " + variable.Value})
		}
	}
	if got := f.Env[want.keyVariable]; !key.Key.IsZero() && f.Helper == "" && got != "" && got != key.Key.Reveal() {
		findings = append(findings, Finding{Drift, want.keyVariable, headerOf[want.keyVariable], "holds another key than the one given with --key.", "write the new one"})
	}
	return findings
}

// shown is a value that may stand in a message: keys and the user of an
// address are taken out of it.
func shown(value string) string {
	if scheme, rest, is := strings.Cut(value, "://"); is {
		if _, host, has := strings.Cut(rest, "@"); has {
			value = scheme + "://…@" + host
		}
	}
	return fmt.Sprintf("%.120q", tollgate.HideKeys(value))
}
