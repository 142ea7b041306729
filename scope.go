package tollgate

import (
	"fmt"
	"strings"
)

// ScopeKind is a sort of owner that budgets and limits are set for.
type ScopeKind string

// The kinds.
const (
	ScopeOrg       ScopeKind = "org"
	ScopeTeam      ScopeKind = "team"
	ScopeDeveloper ScopeKind = "developer"
	ScopeService   ScopeKind = "service"
	ScopeKey       ScopeKind = "key"
)

// Scope is whose requests a budget or a limit is about: "org", "team:NAME",
// "developer:EMAIL", "service:NAME" or "key:ID". The zero Scope is nobody's.
type Scope struct {
	Kind ScopeKind
	Name string // empty for the organisation
}

// ParseScope reads a scope as String writes it. It does not ask whether the
// name is there.
func ParseScope(text string) (Scope, error) {
	kind, name, named := strings.Cut(text, ":")
	scope := Scope{ScopeKind(kind), name}
	switch scope.Kind {
	case ScopeOrg:
		if !named {
			return scope, nil
		}
	case ScopeTeam, ScopeDeveloper, ScopeService, ScopeKey:
		if name != "" {
			return scope, nil
		}
	}
	return Scope{}, Errorf(Invalid, "%q is no scope; write org, team:NAME, developer:EMAIL, service:NAME or key:ID", HideKeys(text))
}

// String is the scope as people write it.
func (s Scope) String() string {
	if s.Name == "" {
		return string(s.Kind)
	}
	return string(s.Kind) + ":" + s.Name
}

// Phrase is the scope inside a sentence: "the organisation", "team core".
func (s Scope) Phrase() string {
	if s.Kind == ScopeOrg {
		return "the organisation"
	}
	return fmt.Sprintf("%s %s", s.Kind, s.Name)
}

// Covers says whether a request of this principal is within the scope.
func (s Scope) Covers(who Principal) bool {
	switch s.Kind {
	case ScopeOrg:
		return true
	case ScopeTeam:
		return who.Team == s.Name
	case ScopeDeveloper:
		return who.Developer == s.Name
	case ScopeService:
		return who.Service == s.Name
	case ScopeKey:
		return who.Key == s.Name
	}
	return false
}

// Member is which member of the scope a principal is, for what applies to each
// of them alone: of the organisation and of a team the developers and service
// accounts, of these their keys.
func (s Scope) Member(who Principal) Scope {
	switch {
	case s.Kind != ScopeOrg && s.Kind != ScopeTeam:
		return Scope{ScopeKey, who.Key}
	case who.Developer != "":
		return Scope{ScopeDeveloper, who.Developer}
	}
	return Scope{ScopeService, who.Service}
}

// HasMembers says whether something can apply to each member.
func (s Scope) HasMembers() bool { return s.Kind != ScopeKey }

// matchModels says whether any of the globs fits, or there are none.
func matchModels(globs []string, model string) bool {
	for _, glob := range globs {
		if MatchModel(glob, model) {
			return true
		}
	}
	return len(globs) == 0
}
