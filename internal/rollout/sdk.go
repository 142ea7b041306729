package rollout

import (
	"fmt"
	"strings"
)

// agentSDK is how a program that uses the Agent SDK hands the same variables
// to Claude Code. It holds no key: it takes it from the helper, or from a variable.
func agentSDK(s Settings) []File {
	return []File{
		{"agent-sdk/gateway.ts", open, []byte(s.typescript())},
		{"agent-sdk/gateway.py", open, []byte(s.python())},
	}
}

func (s Settings) typescript() string {
	var text strings.Builder
	text.WriteString("// Claude Code by way of the gateway, for the Agent SDK:\n//   query({ prompt, options: { env: gatewayEnv() } })\n")
	key := "process.env." + secretName + " ?? \"\""
	if s.Credential.Helper != "" {
		text.WriteString("import { execSync } from \"node:child_process\";\n")
		key = "execSync(" + yamlQuoted(s.Credential.Helper) + ", { encoding: \"utf8\" }).trim()"
	}
	text.WriteString("\nexport function gatewayEnv(): Record<string, string | undefined> {\n  return {\n    ...process.env,\n")
	for _, each := range s.withoutCredential() {
		fmt.Fprintf(&text, "    %s: %s,\n", each.Name, yamlQuoted(s.on(linux)[each.Name]))
	}
	fmt.Fprintf(&text, "    %s: %s,\n  };\n}\n", s.keyVariable, key)
	return text.String()
}

func (s Settings) python() string {
	var text strings.Builder
	text.WriteString("\"\"\"Claude Code by way of the gateway, for the Agent SDK:\n\n    ClaudeAgentOptions(env=gateway_env())\n\"\"\"\n\n")
	imported, key := "os", "os.environ.get("+yamlQuoted(secretName)+", \"\")"
	if s.Credential.Helper != "" {
		imported, key = "subprocess", "subprocess.check_output("+yamlQuoted(s.Credential.Helper)+", shell=True, text=True).strip()"
	}
	fmt.Fprintf(&text, "import %s\n\n\ndef gateway_env() -> dict[str, str]:\n    return {\n", imported)
	for _, each := range s.withoutCredential() {
		fmt.Fprintf(&text, "        %s: %s,\n", yamlQuoted(each.Name), yamlQuoted(s.on(linux)[each.Name]))
	}
	fmt.Fprintf(&text, "        %s: %s,\n    }\n", yamlQuoted(s.keyVariable), key)
	return text.String()
}
