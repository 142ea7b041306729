package simulator

import (
	"maps"
	"slices"
)

// acceptance is what a provider takes of a request, beside what all of them
// take.
type acceptance struct {
	versions []string // of the envelope in the body; nil: it is a header
	modelIn  bool     // the body names the model, where the path does not
	betasIn  string   // the member of the body that lists betas; empty: a header does
	betas    []string // those that are known; nil: all
	badBeta  string   // what is said of another one; %s is its name

	// never are members that are refused. Their places are written as in pairs.
	never []string
	// tools are the beginnings of the types of tools that are refused.
	tools []string
	// links says that documents and images may be named by an address or a file.
	links bool
}

// core are the members of a body that every provider takes.
var core = []string{
	"messages", "system", "tools", "tool_choice", "max_tokens", "metadata", "stop_sequences",
	"temperature", "top_p", "top_k", "thinking", "output_config",
}

// pairs are the members that come with a beta, one of those whose names begin
// like this; none: with nothing. A dot stands before what lies inside, whichever
// element of a list that is. Source: providers.md 2.10 and 1.8 to 1.10,
// client-behaviour.md 1, 2026-11-23.
var pairs = map[string][]string{
	"cache_control":                 {},
	"cache_control.scope":           {"prompt-caching-scope-"},
	"context_management":            {"context-management-"},
	"compaction":                    {"compact-"},
	"container":                     {"code-execution-", "skills-"},
	"diagnostics":                   {"cache-diagnosis-"},
	"fallbacks":                     {"server-side-fallback-"},
	"fallback_credit_token":         {"fallback-credit-"},
	"inference_geo":                 {},
	"mcp_servers":                   {"mcp-client-"},
	"output_format":                 {"structured-outputs-"},
	"safeguards":                    {"dangerous-tool-use-"},
	"service_tier":                  {},
	"speed":                         {"fast-mode-"},
	"thread":                        {"message-threads-"},
	"billing_policy":                {"user-profiles-billing-"},
	"output_config.effort":          {},
	"output_config.format":          {},
	"output_config.task_budget":     {"task-budgets-"},
	"messages.output_config":        {"per-turn-control-", "mid-conversation-output-config-"},
	"messages.role.system":          {},
	"tools.strict":                  {},
	"tools.defer_loading":           {"tool-search-tool-", "advanced-tool-use-"},
	"tools.input_examples":          {"tool-search-tool-", "advanced-tool-use-", "tool-examples-"},
	"tools.eager_input_streaming":   {},
	"tools.allowed_callers":         {},
	"tools.type.tool_search_tool":   {"tool-search-tool-", "advanced-tool-use-"},
	"messages.type.tool_reference":  {"tool-search-tool-", "advanced-tool-use-"},
	"messages.type.server_tool_use": {},
}

const (
	invalidBeta    = "invalid beta flag"
	unexpectedBeta = "Unexpected value(s) `%s` for the `anthropic-beta` header. Please consult our documentation or try again without the header."
)

// The betas that are known. Source: providers.md 2.8, 2.9 and AWS's own list
// there; client-behaviour.md 1 for what the client sends of its own accord,
// 2026-11-23.
var (
	betasEverywhere = []string{
		"claude-code-20250219", "interleaved-thinking-2025-05-14", "context-management-2025-06-27",
		"context-1m-2025-08-07", "thinking-token-count-2026-05-13", "mid-conversation-system-2026-04-07",
		"mid-conversation-tool-changes-2026-07-01", "thinking-display-updates-2026-08-18",
	}
	betasAtAWS = slices.Concat(betasEverywhere, []string{
		"compact-2026-01-12", "effort-2025-11-24", "fine-grained-tool-streaming-2025-05-14", "tool-search-tool-2025-10-19",
		"thinking-binding-controls-2026-08-01", "dangerous-tool-use-2026-09-03",
		"computer-use-2024-10-22", "computer-use-2025-01-24", "token-efficient-tools-2025-02-19", "output-128k-2025-02-19",
		"dev-full-thinking-2025-05-14", "tool-examples-2025-10-29", "fallback-credit-2026-06-01", "fallback-credit-2026-07-01",
	})
	betasAtMantle = slices.Concat(betasAtAWS, []string{
		"structured-outputs-2025-11-13", "per-turn-control-2026-07-01", "web-search-2025-03-05", "token-efficient-tools-2026-03-28",
	})
	betasAtVertex = slices.Concat(betasEverywhere, []string{
		"compact-2026-01-12", "effort-2025-11-24", "tool-search-tool-2025-10-19", "thinking-binding-controls-2026-08-01",
		"dangerous-tool-use-2026-09-03", "per-turn-control-2026-07-01", "web-search-2025-03-05", "fast-mode-2026-02-01",
	})
	betasAtFoundry = slices.Concat(betasEverywhere, []string{
		"effort-2025-11-24", "advanced-tool-use-2025-11-20", "structured-outputs-2025-11-13", "per-turn-control-2026-07-01",
		"prompt-caching-scope-2026-01-05", "web-search-2025-03-05", "files-api-2025-04-14", "skills-2025-10-02",
		"mcp-client-2025-04-04", "mcp-client-2025-11-20", "code-execution-2025-05-22",
	})
)

// beyondClouds are members that the clouds' own services lack.
var beyondClouds = []string{"fallbacks", "thread", "billing_policy", "diagnostics", "inference_geo"}

// acceptances are what providers take; the Messages API itself is not in it.
// Source: providers.md 2.3, 2.8 to 2.10, 3.1, 4 and 5, 2026-11-23.
var acceptances = map[Provider]*acceptance{
	Bedrock: {
		versions: []string{"bedrock-2023-05-31", "2026-10-21"}, betasIn: "anthropic_beta", betas: betasAtAWS, badBeta: invalidBeta,
		never: slices.Concat(beyondClouds, []string{
			"cache_control", "cache_control.scope", "container", "mcp_servers", "messages.output_config", "output_format",
			"service_tier", "speed", "tools.allowed_callers", "messages.type.server_tool_use", "output_config.task_budget",
		}),
		tools: []string{"web_search_", "web_fetch_", "code_execution_", "advisor_", "mcp_toolset"},
	},
	BedrockMantle: {
		modelIn: true, betas: betasAtMantle, badBeta: unexpectedBeta,
		never: slices.Concat(beyondClouds, []string{
			"cache_control.scope", "container", "mcp_servers", "output_config.format", "output_format", "tools.strict",
			"service_tier", "speed", "tools.allowed_callers", "messages.type.server_tool_use", "output_config.task_budget",
		}),
		tools: []string{"web_search_", "web_fetch_", "code_execution_", "advisor_", "mcp_toolset"},
	},
	Vertex: {
		versions: []string{"vertex-2023-10-16", "2026-10-21"}, modelIn: true, betas: betasAtVertex, badBeta: unexpectedBeta,
		never: slices.Concat(beyondClouds, []string{
			"cache_control.scope", "container", "mcp_servers", "output_format", "service_tier",
			"tools.allowed_callers", "tools.eager_input_streaming", "output_config.task_budget",
		}),
		tools: []string{"web_search_2026", "web_fetch_", "code_execution_", "advisor_", "mcp_toolset"},
	},
	Foundry: {
		modelIn: true, betas: betasAtFoundry, badBeta: unexpectedBeta, links: true,
		never: slices.Concat(beyondClouds, []string{"compaction", "safeguards", "speed", "tools.eager_input_streaming", "output_config.task_budget"}),
		tools: []string{"advisor_"},
	},
	AnthropicAWS: {
		modelIn: true, badBeta: unexpectedBeta, links: true, never: []string{"fallbacks", "speed", "thread"},
	},
}

// structured are the models that write by a schema on Bedrock's runtime, and
// systemless those that take no system message among the others there. Source:
// providers.md 2.8, 2026-11-23.
var (
	structured = []string{
		"claude-opus-4-6", "claude-opus-4-5-20251101", "claude-sonnet-4-6", "claude-sonnet-4-5-20250929", "claude-haiku-4-5-20251001",
	}
	systemless = append(slices.Sorted(maps.Keys(bedrockNames)), "claude-haiku-4-5", "claude-opus-4-7", "claude-sonnet-5")
)
