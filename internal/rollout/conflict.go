package rollout

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"tollgate"
)

// rules find what stands in the gateway's way.
var rules = []func(*Found, Gateway) []Finding{
	notText, enforcedLogin, noCredential, twoCredentials, providerCredential, otherProvider, badAddress, replacedHeader, weakened, silenced, unserved,
}

// headerOf is where a credential goes.
var headerOf = map[string]string{
	"ANTHROPIC_AUTH_TOKEN":      "Authorization",
	"ANTHROPIC_API_KEY":         "x-api-key",
	"ANTHROPIC_FOUNDRY_API_KEY": "x-api-key",
	"apiKeyHelper":              credentialHeaders,
}

// credentials are the settings of this file that carry one, in a fixed order.
func (f *Found) credentials() (names []string) {
	for _, name := range []string{"ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_API_KEY", "ANTHROPIC_FOUNDRY_API_KEY"} {
		if f.Env[name] != "" {
			names = append(names, name)
		}
	}
	if f.Helper != "" {
		names = append(names, "apiKeyHelper")
	}
	return names
}

func notText(f *Found, _ Gateway) (findings []Finding) {
	for _, name := range slices.Sorted(slices.Values(f.NotText)) {
		findings = append(findings, Finding{Conflict, name, "", "is not a text: the values of variables are texts, numbers too.", `put its value into quotes, such as "1"`})
	}
	return findings
}

func enforcedLogin(f *Found, _ Gateway) (findings []Finding) {
	with := f.credentials()
	if len(with) == 0 && f.Env["ANTHROPIC_BASE_URL"] == "" {
		return nil
	}
	for _, name := range f.Login {
		findings = append(findings, Finding{Conflict, name, "Authorization", "enforces a login with Anthropic, and beside a gateway's credential Claude Code then does not start.", "remove it; the gateway's key says who it is"})
	}
	return findings
}

func noCredential(f *Found, _ Gateway) []Finding {
	if len(f.credentials()) > 0 || !f.Settings {
		return nil
	}
	return []Finding{{Drift, "apiKeyHelper", credentialHeaders, "is missing, and there is no key either, so each request of a developer who has none of their own is refused with 401.", "add apiKeyHelper, with a command that prints the developer's gateway key"}}
}

func twoCredentials(f *Found, _ Gateway) []Finding {
	names := f.credentials()
	if len(names) < 2 {
		return nil
	}
	var sent []string
	for _, name := range names {
		sent = append(sent, name+" (header "+headerOf[name]+")")
	}
	return []Finding{{Conflict, strings.Join(names, ", "), credentialHeaders, "are there together: " + strings.Join(sent, " and ") + ". Which one speaks for the developer is then an accident.", "keep one of them"}}
}

// providers begin the credentials of the providers.
func providerCredential(f *Found, _ Gateway) (findings []Finding) {
	for _, name := range slices.Sorted(maps.Keys(f.Env)) {
		known := slices.Contains([]string{"AWS_BEARER_TOKEN_BEDROCK", "AWS_SECRET_ACCESS_KEY", "ANTHROPIC_AWS_API_KEY"}, name)
		if f.Env[name] != "" && (known || strings.HasPrefix(f.Env[name], "sk-ant-")) {
			findings = append(findings, Finding{Conflict, name, headerOf[name], "holds a credential of the provider. It belongs on the gateway and on no other machine.", "replace it at the provider, since it has been here, and write a gateway key (tgk_…) or apiKeyHelper"})
		}
	}
	return findings
}

// switches make a client speak another format than that of its base address.
var switches = map[string]Format{
	"CLAUDE_CODE_USE_BEDROCK": Bedrock, "CLAUDE_CODE_USE_VERTEX": Vertex, "CLAUDE_CODE_USE_FOUNDRY": Foundry, "CLAUDE_CODE_USE_ANTHROPIC_AWS": AnthropicAWS,
}

func otherProvider(f *Found, g Gateway) (findings []Finding) {
	for _, name := range slices.Sorted(maps.Keys(switches)) {
		if format := switches[name]; on(f.Env[name]) && format != g.Format {
			findings = append(findings, Finding{Conflict, name, "", fmt.Sprintf("makes Claude Code speak the format of %s and ignore %s.", format, address[g.Format].variable), fmt.Sprintf("remove it, or make the rollout with --provider-format %s", format)})
		}
	}
	if on(f.Env["CLAUDE_CODE_USE_GATEWAY"]) {
		findings = append(findings, Finding{Conflict, "CLAUDE_CODE_USE_GATEWAY", "", "makes another client of Claude Code: older models, larger requests, none of the newer features.", "remove it"})
	}
	return findings
}

func on(value string) bool { return value != "" && value != "0" && !strings.EqualFold(value, "false") }

func badAddress(f *Found, _ Gateway) (findings []Finding) {
	for _, format := range Formats {
		name := address[format].variable
		value := f.Env[name]
		if value == "" {
			continue
		}
		if _, err := ParseURL(value); err != nil {
			findings = append(findings, Finding{Conflict, name, "", "cannot be used: " + tollgate.AsError(err).Message + ".", "write the gateway's address"})
		} else if IsPlain(value) {
			findings = append(findings, Finding{Conflict, name, credentialHeaders, "is plain http: the key and every prompt cross the network in clear text.", "give the gateway a certificate and write https"})
		}
	}
	return findings
}

// replacedHeader looks for custom headers in the place of the client's own.
func replacedHeader(f *Found, _ Gateway) (findings []Finding) {
	for line := range strings.Lines(f.Env["ANTHROPIC_CUSTOM_HEADERS"]) {
		header, _, _ := strings.Cut(line, ":")
		header = strings.ToLower(strings.TrimSpace(header))
		if slices.Contains([]string{"authorization", "x-api-key", "content-type", "host"}, header) || strings.HasPrefix(header, "anthropic-") || strings.HasPrefix(header, "x-claude-code-") {
			findings = append(findings, Finding{Conflict, "ANTHROPIC_CUSTOM_HEADERS", header, "replaces a header that Claude Code sets by itself, on every request.", "take that line out"})
		}
	}
	return findings
}

func weakened(f *Found, _ Gateway) []Finding {
	if f.Env["NODE_TLS_REJECT_UNAUTHORIZED"] != "0" {
		return nil
	}
	return []Finding{{Conflict, "NODE_TLS_REJECT_UNAUTHORIZED", credentialHeaders, "accepts any certificate, so that whoever stands in between gets the key and every prompt.", "remove it; for an authority of your own set NODE_EXTRA_CA_CERTS"}}
}

// silenced are features that the file switches off although the gateway has them.
func silenced(f *Found, g Gateway) (findings []Finding) {
	if on(f.Env["CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS"]) {
		findings = append(findings, Finding{Drift, "CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS", "anthropic-beta", "takes features away, and makes every request half as large again: the gateway adapts requests to its upstreams by itself.", "remove it"})
	}
	if on(f.Env["CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC"]) && g.Format == Messages {
		findings = append(findings, Finding{Drift, "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "", "stops the question for the list of models too, so /model does not show what the gateway serves.", "remove it, unless machines may reach nothing but the gateway"})
	}
	return findings
}

// unserved are models that the file asks for and the gateway refuses.
func unserved(f *Found, g Gateway) (findings []Finding) {
	names := []string{"ANTHROPIC_MODEL", "ANTHROPIC_SMALL_FAST_MODEL", "CLAUDE_CODE_SUBAGENT_MODEL"}
	asked := map[string]string{"model": f.Model}
	for _, t := range tiers {
		names = append(names, t.variable)
	}
	for _, name := range names {
		asked[name] = f.Env[name]
	}
	for _, name := range slices.Sorted(maps.Keys(asked)) {
		if model := asked[name]; model != "" && !isAlias(model) && !g.Serves(model) {
			findings = append(findings, Finding{Conflict, name, "", fmt.Sprintf("asks for the model %s, which this gateway does not serve: each such request is answered with 404.", shown(model)), "write a model that tollgate serves, or add a route for it"})
		}
	}
	return findings
}

// isAlias says whether Claude Code itself turns the name into that of a model.
func isAlias(model string) bool {
	bare := tollgate.BareModel(model)
	return slices.Contains([]string{"default", "best", "opus", "sonnet", "haiku", "opusplan", "inherit"}, bare)
}
