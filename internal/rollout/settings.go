package rollout

import "tollgate/internal/secret"

// Variable is one that Claude Code reads, from a settings file or from the environment.
type Variable struct {
	Name   string
	Value  string
	Why    string // for people: what it does, and why this gateway needs it
	Header string // the header of a request that it is about; empty when none
	inDir  bool   // Value is a file in the folder of the system's managed settings
}

// Settings are what every machine is told, before a system gives it a form.
type Settings struct {
	Variables  []Variable
	Credential Credential

	keyVariable string // what holds the credential where no program prints it
}

// ttl is how long Claude Code keeps what the helper printed, in milliseconds. It is
// the client's own default; to write it makes sure that a rotated key reaches a
// machine well within its grace time.
const ttl = "300000"

// NewSettings decides what machines have to be told of this gateway.
func NewSettings(g Gateway, c Credential) Settings {
	s := Settings{Credential: c, keyVariable: "ANTHROPIC_AUTH_TOKEN"}
	if g.Format == Foundry && c.Helper == "" {
		s.keyVariable = "ANTHROPIC_FOUNDRY_API_KEY"
	}
	s.Variables = append(s.Variables, g.addressed()...)
	if c.Helper != "" {
		s.Variables = append(s.Variables, Variable{
			Name: "CLAUDE_CODE_API_KEY_HELPER_TTL_MS", Value: ttl, Header: credentialHeaders,
			Why: "How long the key that apiKeyHelper printed is kept, here five minutes. A rotated or renewed key is in use after that time, so its grace has to be longer.",
		})
	}
	if c.Helper != "" && g.Format == Foundry {
		s.Variables = append(s.Variables, Variable{
			Name: "CLAUDE_CODE_SKIP_FOUNDRY_AUTH", Value: "1",
			Why: "No token of Azure is asked for: without a key in the settings Claude Code would look for one, and not ask apiKeyHelper (measured, 2.1.330, 2026-11-24).",
		})
	}
	s.Variables = append(s.Variables, g.named()...)
	s.Variables = append(s.Variables, g.conditional()...)
	return s
}

// credentialHeaders are those that a helper's key is sent in.
const credentialHeaders = "Authorization and x-api-key"

// conditional are the variables that depend on what the gateway is.
func (g Gateway) conditional() (variables []Variable) {
	if g.Format == Messages {
		variables = append(variables, Variable{
			Name: "CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY", Value: "1",
			Why: "The /model picker shows what this gateway serves to the developer's key. It asks GET /v1/models, which the gateway answers by itself.",
		})
	}
	variables = append(variables, Variable{
		Name: "CLAUDE_CODE_GATEWAY_HINT_HEADERS", Value: "1", Header: "x-claude-code-request-class and others beside it",
		Why: "Requests say what they are for: the main conversation, a subagent, a compaction. The ledger keeps it, and tollgate usage --by request_class shows it. It names no file and no person.",
	})
	if g.Fast && g.Format == Messages {
		variables = append(variables, Variable{
			Name: "CLAUDE_CODE_SKIP_FAST_MODE_ORG_CHECK", Value: "1",
			Why: "Fast mode works. Claude Code would first ask Anthropic whether the organisation may use it, with a login that developers do not have here; the gateway's upstream is asked instead, by each request.",
		})
	}
	if len(g.CA) > 0 {
		variables = append(variables, Variable{
			Name: "NODE_EXTRA_CA_CERTS", Value: caFile, inDir: true,
			Why: "The authority behind the gateway's certificate, which machines do not trust by themselves. The file is installed beside the settings.",
		})
	}
	return variables
}

// caFile is the name under which the authority's certificate is written and installed.
const caFile = "tollgate-ca.pem"

// on are the variables as a system has them, the key among them if it is in the
// settings.
func (s Settings) on(at system) map[string]string {
	env := map[string]string{}
	for _, variable := range s.Variables {
		env[variable.Name] = variable.Value
		if variable.inDir {
			env[variable.Name] = at.folder + variable.Value
		}
	}
	if key := s.key(); !key.IsZero() {
		env[s.keyVariable] = key.Reveal()
	}
	return env
}

func (s Settings) key() secret.String { return s.Credential.Key }

// document is a settings file of Claude Code.
func (s Settings) document(at system) map[string]any {
	document := map[string]any{"env": s.on(at)}
	if s.Credential.Helper != "" {
		document["apiKeyHelper"] = s.Credential.Helper
	}
	return document
}

// system is a kind of machine.
type system struct {
	name   string
	folder string // of managed settings, with the separator at its end
}

var (
	linux   = system{"linux", "/etc/claude-code/"}
	macos   = system{"macos", "/Library/Application Support/ClaudeCode/"}
	windows = system{"windows", `C:\Program Files\ClaudeCode\`}
)
