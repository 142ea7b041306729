package tokenexchange

import (
	"fmt"
	"maps"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"tollgate"
)

// Validate returns every mistake at once. Paths are relative to this Config.
func (c Config) Validate() (problems []tollgate.Problem) {
	if len(c.Issuers) > 0 && strings.TrimSpace(c.Audience) == "" {
		problems = append(problems, tollgate.Problem{
			Path: "audience", Message: "is missing: a token that was made for somebody else would open this gateway", Remedy: "write the name that pipelines ask their platform for, such as https://llm-gateway.example.com",
		})
	}
	for i, issuer := range c.Issuers {
		at := fmt.Sprintf("issuers[%d]", i)
		problems = append(problems, issuer.validate(at)...)
		for _, before := range c.Issuers[:i] {
			if before.Name == issuer.Name || before.Issuer == issuer.Issuer {
				problems = append(problems, tollgate.Problem{Path: at, Message: "has the name or the address of another issuer", Remedy: "put the rules of one issuer together"})
			}
		}
	}
	return problems
}

var issuerName = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,39}$`)

func (issuer Issuer) validate(at string) (problems []tollgate.Problem) {
	if !issuerName.MatchString(issuer.Name) {
		problems = append(problems, tollgate.Problem{Path: at + ".name", Message: "is not a name for an issuer", Remedy: "write lower-case letters, digits and hyphens, such as github"})
	}
	if !safeAddress(issuer.Issuer) {
		problems = append(problems, tollgate.Problem{Path: at + ".issuer", Message: "is not the https address of an issuer", Remedy: "write it as the tokens have it in iss, such as https://token.actions.githubusercontent.com"})
	}
	if issuer.JWKSURL != "" && !safeAddress(issuer.JWKSURL) {
		problems = append(problems, tollgate.Problem{Path: at + ".jwks_url", Message: "is not an https address", Remedy: "leave it out, or write where the issuer publishes its keys"})
	}
	if len(issuer.Rules) == 0 {
		problems = append(problems, tollgate.Problem{Path: at + ".rules", Message: "is missing: nobody would get a key", Remedy: "say which claims are let in as which service"})
	}
	for i, rule := range issuer.Rules {
		problems = append(problems, rule.validate(fmt.Sprintf("%s.rules[%d]", at, i), owners[issuer.Issuer])...)
	}
	return problems
}

// owners are claims that say whose a job is, at platforms that serve everybody: a
// rule without one would let all the world in.
// Source: the platforms' own pages on their tokens, 2026-11-24.
var owners = map[string][]string{
	"https://token.actions.githubusercontent.com": {"repository", "repository_id", "repository_owner", "repository_owner_id", "enterprise", "enterprise_id"},
	"https://gitlab.com":                          {"project_path", "project_id", "namespace_path", "namespace_id"},
	"https://agent.buildkite.com":                 {"organization_slug", "organization_id"},
}

func (r Rule) validate(at string, owners []string) (problems []tollgate.Problem) {
	add := func(path, message, remedy string) {
		problems = append(problems, tollgate.Problem{Path: at + path, Message: message, Remedy: remedy})
	}
	if len(r.Claims) == 0 {
		add(".claims", "is missing: every job of the issuer would get a key", `say which, such as {repository: "acme/*", ref: "refs/heads/main"}`)
	}
	for _, name := range slices.Sorted(maps.Keys(r.Claims)) {
		if r.Claims[name] == "" {
			add(".claims."+name, "matches nothing", "write a pattern")
		}
	}
	bound := func(name string) bool {
		first, _, _ := strings.Cut(r.Claims[name], "/")
		return first != "" && !strings.Contains(first, "*")
	}
	if len(r.Claims) > 0 && len(owners) > 0 && !slices.ContainsFunc(owners, bound) {
		add(".claims", "does not say whose jobs: this issuer serves everybody, so anybody would get a key", "bind one of "+strings.Join(owners, ", ")+" to your own, without a star before its first slash")
	}
	if problem := templateProblem(r.Service); problem != "" {
		add(".service", problem, "write a name such as github/{repository}")
	}
	if r.Team == "" {
		add(".team", "is missing", "name the team that pays, and create it with: tollgate team create NAME")
	}
	for i, glob := range r.Models {
		if glob == "" || strings.ContainsAny(glob, "?[]{}\\ \t\r\n") {
			add(fmt.Sprintf(".models[%d]", i), "is not a glob for models", "write a name such as claude-opus-*, in which only the star has a meaning")
		}
	}
	if r.Expires < shortest || r.Expires > longest {
		add(".expires", "is not between 1m and 24h", "leave it out for 15m")
	}
	return problems
}

// safeAddress says whether what is read there is what was published: over TLS, or
// from this machine.
func safeAddress(text string) bool {
	at, err := url.Parse(text)
	if err != nil || at.Hostname() == "" || at.User != nil || at.Fragment != "" {
		return false
	}
	ip, err := netip.ParseAddr(at.Hostname())
	loopback := err == nil && ip.IsLoopback() || at.Hostname() == "localhost"
	return at.Scheme == "https" || at.Scheme == "http" && loopback
}
