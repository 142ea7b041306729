package rollout

import (
	"encoding/json"
	"fmt"
	"strings"
)

// secretName is what the key is called among the secrets of a repository.
const secretName = "TOLLGATE_KEY"

// actions is a job for GitHub Actions. It is for a repository, so it names a
// secret and never holds the key.
func (s Settings) actions() File {
	var text strings.Builder
	fmt.Fprintf(&text, "# Claude Code by way of the gateway, in GitHub Actions. Merge this job into a workflow, and store\n"+
		"# the key of a service account (tollgate key create --service NAME) as the secret %s.\n", secretName)
	text.WriteString("jobs:\n  claude:\n    runs-on: ubuntu-latest\n    env:\n")
	for _, each := range s.withoutCredential() {
		value := each.Value
		if each.inDir {
			fmt.Fprintf(&text, "      # Commit %s under this name.\n", each.Value)
			value = "${{ github.workspace }}/.github/" + each.Value
		}
		fmt.Fprintf(&text, "      %s: %s\n", each.Name, yamlQuoted(value))
	}
	fmt.Fprintf(&text, "      %s: ${{ secrets.%s }}\n", s.keyVariable, secretName)
	text.WriteString("    steps:\n      - uses: actions/checkout@v4\n      - uses: anthropics/claude-code-action@v1\n        with:\n")
	fmt.Fprintf(&text, "          # The action insists on this input; the key goes into both headers.\n          anthropic_api_key: ${{ secrets.%s }}\n", secretName)
	text.WriteString("          prompt: \"Say what this repository is for, in one sentence.\"\n")
	return File{"github-actions/env.yml", open, []byte(text.String())}
}

// withoutCredential are the variables that have nothing to do with where the
// key comes from.
func (s Settings) withoutCredential() (variables []Variable) {
	for _, each := range s.Variables {
		if each.Name != "CLAUDE_CODE_API_KEY_HELPER_TTL_MS" {
			variables = append(variables, each)
		}
	}
	return variables
}

// yamlQuoted is a text in YAML, of which JSON is a part.
func yamlQuoted(text string) string {
	quoted, err := json.Marshal(text)
	if err != nil {
		panic(err) // a string always marshals
	}
	return string(quoted)
}
