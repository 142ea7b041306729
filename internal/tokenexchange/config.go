// Package tokenexchange gives pipelines keys without anybody copying one: a job
// presents the token that its platform made for it, and gets a gateway key that
// lives for minutes and is bound to a service account (RFC 8693).
//
// A token counts for nothing until its signature, its issuer, its audience and its
// times have been checked, and a rule has matched what it claims; and it counts
// once. The package keeps nothing of a token but a digest, and what it says to a
// stranger quotes none.
package tokenexchange

import "time"

// Config says whose tokens are exchanged for gateway keys. Without issuers nobody's
// are.
type Config struct {
	// Audience is what a token has to be made for: a name that pipelines ask their
	// platform for, such as the gateway's address. A token for anything else is refused.
	Audience string `yaml:"audience"`
	// Issuers are the platforms whose tokens are accepted.
	Issuers []Issuer `yaml:"issuers"`
}

// Issuer is a platform that gives its jobs tokens.
type Issuer struct {
	// Name stands for the issuer in the audit log and in metrics, such as github.
	Name string `yaml:"name"`
	// Issuer is its address, as the claim iss has it, such as
	// https://token.actions.githubusercontent.com.
	Issuer string `yaml:"issuer"`
	// JWKSURL is where it publishes its keys. Default: where its discovery document says.
	JWKSURL string `yaml:"jwks_url"`
	// Reusable accepts a token again while it lives, as for the projected tokens of
	// Kubernetes, which stay the same for an hour. Whoever gets hold of one then has
	// as long.
	Reusable bool `yaml:"reusable"`
	// Rules are tried in order; the first that matches decides. None: nobody gets a key.
	Rules []Rule `yaml:"rules"`
}

// Rule binds jobs to a service account.
type Rule struct {
	// Claims are patterns that all have to match, by the name of the claim; that of
	// one inside another is written with a slash, such as kubernetes.io/namespace. A
	// star stands for anything but "/" and ":", two stars for anything.
	Claims map[string]string `yaml:"claims"`
	// Service is the service account, in which {claim} stands for what is claimed,
	// such as github/{repository}. It comes into being with its first key.
	Service string `yaml:"service"`
	// Team is the team that the service account is in. It has to be there.
	Team string `yaml:"team"`
	// Models are globs of what the key may use. Default: every routed model.
	Models []string `yaml:"models"`
	// Expires is how long the key lives. Default: 15m.
	Expires time.Duration `yaml:"expires"`
}

// Keys live for between shortest and longest.
const (
	usual    = 15 * time.Minute
	shortest = time.Minute
	longest  = 24 * time.Hour
)

// WithDefaults returns a copy with its defaults filled in.
func (c Config) WithDefaults() Config {
	issuers := make([]Issuer, len(c.Issuers))
	for i, issuer := range c.Issuers {
		rules := make([]Rule, len(issuer.Rules))
		for j, rule := range issuer.Rules {
			if rule.Expires == 0 {
				rule.Expires = usual
			}
			rules[j] = rule
		}
		issuer.Rules = rules
		issuers[i] = issuer
	}
	if len(issuers) > 0 {
		c.Issuers = issuers
	}
	return c
}
