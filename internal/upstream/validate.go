package upstream

import (
	"maps"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"tollgate"
	"tollgate/internal/secret"
	"tollgate/internal/upstream/naming"
)

// WithDefaults returns the config with every default filled in that depends on
// the provider.
func (c Config) WithDefaults() Config {
	known, ok := providers[c.Provider]
	if ok && c.BaseURL == "" && len(c.memberProblems(known)) == 0 {
		c.BaseURL = known.address(c)
	}
	return c
}

var validName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`)

// Validate returns every mistake at once. Paths are relative to this Config.
func (c Config) Validate() (problems []tollgate.Problem) {
	if c.Name == "" {
		problems = append(problems, tollgate.Problem{
			Path: "name", Message: "is missing", Remedy: "write a name such as anthropic-eu",
		})
	} else if !validName.MatchString(c.Name) {
		problems = append(problems, tollgate.Problem{
			Path: "name", Message: "must be lower case letters, digits and hyphens, at most 63", Remedy: "write a name such as anthropic-eu",
		})
	}
	if problem := c.providerProblem(); problem != nil {
		return append(problems, *problem) // what else it needs depends on the provider
	}
	if c.FirstByte < 0 {
		problems = append(problems, tollgate.Problem{
			Path: "first_byte", Message: "must not be negative", Remedy: "write a duration such as 30s",
		})
	}
	known := providers[c.Provider]
	problems = append(problems, c.memberProblems(known)...)
	problems = append(problems, c.addressProblems()...)
	problems = append(problems, c.credentialProblems(known)...)
	problems = append(problems, c.acceptsProblems()...)
	problems = append(problems, c.profileProblems()...)
	return append(problems, c.headerProblems()...)
}

// acceptsProblems: what is sent to anthropic is what the client sent.
func (c Config) acceptsProblems() (problems []tollgate.Problem) {
	if c.Provider == "anthropic" && len(c.Accepts.Betas)+len(c.Accepts.Fields) > 0 {
		return []tollgate.Problem{{Path: "accepts", Message: "says nothing to anthropic, to which everything is sent", Remedy: "remove it"}}
	}
	for _, problem := range c.Accepts.Validate() {
		problem.Path = strings.TrimSuffix("accepts."+problem.Path, ".")
		problems = append(problems, problem)
	}
	return problems
}

// inferenceProfiles are the geographies that Bedrock's profiles have
// (providers.md 2.7, 2026-11-23).
var inferenceProfiles = []string{"global", "us", "eu", "jp", "au", "apac", "us-gov", naming.NoProfile}

func (c Config) profileProblems() []tollgate.Problem {
	problem := tollgate.Problem{Path: "inference_profile", Message: "is no geography of Bedrock's profiles", Remedy: "use one of: " + strings.Join(inferenceProfiles, ", ")}
	switch {
	case c.InferenceProfile == "":
		return nil
	case c.Provider != "bedrock":
		problem.Message, problem.Remedy = "says nothing to "+c.Provider, "remove it"
	case slices.Contains(inferenceProfiles, c.InferenceProfile):
		return nil
	}
	return []tollgate.Problem{problem}
}

func (c Config) providerProblem() *tollgate.Problem {
	if _, known := providers[c.Provider]; known {
		return nil
	}
	return &tollgate.Problem{Path: "provider", Message: "is missing or not a provider that tollgate knows", Remedy: "use one of: " + strings.Join(slices.Sorted(maps.Keys(providers)), ", ")}
}

// addressProblems: a base_url is where the credential is sent, so it must be
// plain to see where that is and nobody on the way may read it.
func (c Config) addressProblems() []tollgate.Problem {
	problem := tollgate.Problem{Path: "base_url"}
	at, err := url.Parse(c.BaseURL)
	switch {
	case c.BaseURL == "": // what it is made of is missing, and was complained about
		return nil
	case err != nil, at.Scheme != "http" && at.Scheme != "https", at.Hostname() == "":
		problem.Message, problem.Remedy = "is not an address", "write one such as https://api.anthropic.com"
	case at.User != nil:
		problem.Message, problem.Remedy = "must not hold a credential", "use api_key, bearer or headers"
	case at.RawQuery != "" || at.ForceQuery || at.Fragment != "":
		problem.Message, problem.Remedy = "must end with the path", "leave out what begins with ? or #"
	case at.Scheme == "http" && !isLoopback(at.Hostname()) && !c.AllowPlainHTTP:
		problem.Message = "would send the credential over the network in clear text"
		problem.Remedy = "write https://, or allow_plain_http: true if the network may see everything"
	default:
		return nil
	}
	return []tollgate.Problem{problem}
}

func isLoopback(host string) bool {
	address, err := netip.ParseAddr(host)
	return err == nil && address.IsLoopback() || host == "localhost"
}

// tokenProblems finds what a copied credential often brings along.
func tokenProblems(path string, token secret.String) []tollgate.Problem {
	outside := func(r rune) bool { return r <= ' ' || r > '~' }
	if !strings.ContainsFunc(token.Reveal(), outside) {
		return nil
	}
	return []tollgate.Problem{{
		Path: path, Message: "has a space, a line break or another character that no credential has", Remedy: "copy it anew, or look at the file or variable it comes from",
	}}
}

func (f *Federation) problems() (problems []tollgate.Problem) {
	if f == nil {
		return nil
	}
	for _, part := range []struct {
		key, value, example string
		pattern             *regexp.Regexp
	}{
		{"rule", f.Rule, "fdrl_…, the id of the federation rule", regexp.MustCompile(`^fdrl_\w+$`)},
		{"organization", f.Organization, "the organisation's UUID", regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)},
		{"service_account", f.ServiceAccount, "svac_…, or leave it out", regexp.MustCompile(`^(svac_\w+)?$`)},
		{"workspace", f.Workspace, "wrkspc_… or default, or leave it out", regexp.MustCompile(`^(wrkspc_\w+|default)?$`)},
		{"token_file", f.TokenFile, "the path of the file with this machine's token", regexp.MustCompile(`.`)},
	} {
		if !part.pattern.MatchString(part.value) {
			problems = append(problems, tollgate.Problem{
				Path: "federation." + part.key, Message: "is missing or malformed", Remedy: "write " + part.example,
			})
		}
	}
	return problems
}

// ownHeaders are set by the gateway or belong to the connection.
var ownHeaders = []string{
	"accept-encoding", "authorization", "connection", "content-length", "cookie", "expect", "host", "keep-alive",
	"proxy-authorization", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade", "x-api-key",
}

// isReserved says whether a cloud gives a header's name a meaning of its own,
// for its signature or for what the gateway writes into it (providers.md 6.1,
// 2026-11-23). To anthropic they were allowed from the beginning.
func isReserved(name string) bool {
	name = strings.ToLower(name)
	return slices.Contains([]string{"content-type", "user-agent", "api-key"}, name) ||
		slices.ContainsFunc([]string{"anthropic-", "x-goog-", "x-amz-", "x-amzn-"}, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
}

// headerName is a token of RFC 9110, 5.6.2.
var headerName = regexp.MustCompile("^[0-9A-Za-z!#$%&'*+.^_`|~-]+$")

func isControl(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }

func (c Config) headerProblems() (problems []tollgate.Problem) {
	for _, name := range slices.Sorted(maps.Keys(c.Headers)) {
		path := "headers." + name
		switch {
		case slices.Contains(ownHeaders, strings.ToLower(name)), c.Provider != "anthropic" && isReserved(name):
			problems = append(problems, tollgate.Problem{
				Path: path, Message: "is a header that tollgate sets itself", Remedy: "remove it; credentials go into api_key or bearer",
			})
		case !headerName.MatchString(name):
			problems = append(problems, tollgate.Problem{
				Path: path, Message: "is not the name of a header", Remedy: "use letters, digits and hyphens",
			})
		case strings.ContainsFunc(c.Headers[name].Reveal(), isControl):
			problems = append(problems, tollgate.Problem{
				Path: path, Message: "has a character that no header may have", Remedy: "leave out line breaks and control characters",
			})
		}
	}
	return problems
}
