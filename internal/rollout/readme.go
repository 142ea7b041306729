package rollout

import (
	_ "embed"
	"slices"
	"strings"
	"text/template"
)

//go:embed readme.md
var readmeText string

var readmeTemplate = template.Must(template.New("README.md").Funcs(template.FuncMap{"cell": cell}).Parse(readmeText))

// cell is a text within a table of Markdown.
func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }

// page is what the README is made of.
type page struct {
	URL        string
	Plain      bool
	Format     Format
	Settings   Settings
	Helper     string
	HasKey     bool
	KeyIn      string
	HasCA      bool
	Others     []Variable
	Linux      bool
	MacOS      bool
	Windows    bool
	VSCode     bool
	Shell      bool
	Actions    bool
	Installers bool
	Part       string
}

// readme explains every file and every variable, the ones that were left out
// too. It never holds the key.
func readme(s Settings, g Gateway, targets []Target) File {
	has := func(target Target) bool { return slices.Contains(targets, target) }
	p := page{
		URL: g.URL, Plain: IsPlain(g.URL), Format: g.Format, Settings: s, Helper: s.Credential.Helper, HasKey: !s.key().IsZero(), KeyIn: s.keyVariable,
		HasCA: len(g.CA) > 0, Others: g.leftOut(), Part: part,
		Linux: has(Linux), MacOS: has(MacOS), Windows: has(Windows), VSCode: has(VSCode), Shell: has(Shell), Actions: has(GitHubActions),
		Installers: has(Linux) || has(MacOS),
	}
	var text strings.Builder
	if err := readmeTemplate.Execute(&text, p); err != nil {
		panic(err) // the template is ours, and so is the page
	}
	return File{"README.md", open, []byte(text.String())}
}

// leftOut are variables that guides for gateways name and this one does without.
func (g Gateway) leftOut() []Variable {
	left := []Variable{
		{Name: "CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS", Why: "It takes features away from developers. This gateway adapts each request to what its upstream accepts, so nothing has to be switched off."},
		{Name: "CLAUDE_CODE_ATTRIBUTION_HEADER", Why: "The gateway leaves the client's own block in the prompt as it is, and so does the provider's cache."},
		{Name: "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", Why: "It would also stop the question for the list of models. Set it where machines reach nothing but the gateway, and remove the discovery."},
		{Name: "ANTHROPIC_CUSTOM_HEADERS", Why: "It is for what differs between projects, and then belongs into a project's .claude/settings.json; x-tollgate-project: NAME tells the ledger which project it is."},
		{Name: "forceLoginMethod, forceLoginOrgUUID", Why: "A login that is enforced keeps Claude Code from starting with a gateway's credential."},
	}
	if !g.Fast || g.Format != Messages {
		left = append(left, Variable{Name: "CLAUDE_CODE_SKIP_FAST_MODE_ORG_CHECK", Why: "No upstream of this gateway, or not this format, has a fast mode."})
	}
	if len(g.CA) == 0 {
		left = append(left, Variable{Name: "NODE_EXTRA_CA_CERTS", Why: "Machines are taken to trust the gateway's certificate. If it is from an authority of your own, make the rollout again with --ca FILE."})
	}
	return left
}
