package capability

import (
	"strings"
	"testing"

	"tollgate"
)

func TestConfig(t *testing.T) {
	for name, test := range map[string]struct {
		betas, fields map[string]string
		body, given   string
		want, left    string
		refused       string
	}{
		"a beta takes its field along":      {map[string]string{"context-management-2025-06-27": "drop"}, nil, `{"context_management":{},"a":1}`, "context-management-2025-06-27", `{"a":1}`, "", ""},
		"by its family":                     {map[string]string{"effort": "drop"}, nil, `{"output_config":{"effort":"low"}}`, "effort-2025-11-24", `{}`, "", ""},
		"a field takes its beta along":      {nil, map[string]string{"safeguards": "drop"}, `{"safeguards":[]}`, "dangerous-tool-use-2026-09-03", `{}`, "", ""},
		"what the table drops is kept":      {nil, map[string]string{"cache_control.scope": "keep"}, `{"system":[{"cache_control":{"scope":"global","type":"x"}}]}`, "prompt-caching-scope-2026-01-05", `{"system":[{"cache_control":{"scope":"global","type":"x"}}]}`, "prompt-caching-scope-2026-01-05", ""},
		"what the table refuses is dropped": {nil, map[string]string{"inference_geo": "drop"}, `{"inference_geo":"us"}`, "", `{}`, "", ""},
		"what the table keeps is refused":   {nil, map[string]string{"context_management": "refuse"}, `{"context_management":{}}`, "", "", "", "does not take context_management;"},
		"a beta alone is refused":           {map[string]string{"computer-use": "refuse"}, nil, `{}`, "computer-use-2025-11-24", "", "", "capability_rejected: beta_header:computer-use-2025-11-24 "},
		"another name":                      {map[string]string{"claude-code-20250219": "rename:claude-code-20270101"}, nil, `{}`, "claude-code-20250219", `{}`, "claude-code-20270101", ""},
		"a beta that nobody knows":          {map[string]string{"new": "drop"}, nil, `{}`, "new-2026-11-01 newer-2026-11-01", `{}`, "newer-2026-11-01", ""},
		"a member that nobody knows":        {nil, map[string]string{"tools[].new": "drop"}, `{"tools":[{"new":1}]}`, "", `{"tools":[{}]}`, "", ""},
	} {
		config := Config{test.betas, test.fields}
		if problems := config.Validate(); len(problems) > 0 {
			t.Errorf("%s: %v", name, problems)
		}
		table := newTable("bedrock")
		table.overrides = config
		got, err := fit(t, table, opus, test.body, strings.Fields(test.given)...)
		if test.refused != "" {
			if err == nil || !strings.Contains(tollgate.AsError(err).Message, test.refused) {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if err != nil || got.body != test.want || strings.Join(got.betas, " ") != test.left {
			t.Errorf("%s: %v\n got %s %q\nwant %s %q", name, err, got.body, got.betas, test.want, test.left)
		}
	}
}

func TestConfigProblems(t *testing.T) {
	problems := Config{
		Betas:  map[string]string{"A B": "keep", "a": "rename", "b": "rename:", "c": "keep:x", "d": "no", "e": "rename:f"},
		Fields: map[string]string{"messages": "drop", "tools[].name": "drop", "a..b": "drop", "a": "rename:b", "b": "refuse"},
	}.Validate()
	var paths []string
	for _, p := range problems {
		paths = append(paths, p.Path)
		if p.Message == "" || p.Remedy == "" {
			t.Errorf("%+v", p)
		}
	}
	if got := strings.Join(paths, " "); got != "betas.A B betas.a betas.b betas.c betas.d fields.a fields.a..b fields.messages fields.tools[].name" {
		t.Error(got)
	}
}
