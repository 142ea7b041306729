package capability

// feature is a capability of the Messages API as it shows in a request: the
// betas that announce it and the fields that use it, which come and go together.
type feature struct {
	name   string
	betas  []string // without their date, or whole where dates differ in what they are
	fields []string // as in Config.Fields
	// code is the token by which clients recognise that this was refused.
	code string
	// details is error.details.error_code of a refusal.
	details string
	// means says that a request without it would mean something else, so that
	// no answer of a provider makes the gateway take it away.
	means bool
}

// features are the pairs. Source: providers.md 2.10 and 1.10, 2026-11-23; which
// betas there are: 1.11 and client-behaviour.md 1.
var features = []feature{
	{name: "cache-scope", betas: []string{"prompt-caching-scope"}, fields: []string{"cache_control.scope"}},
	{name: "cache-ttl", betas: []string{"extended-cache-ttl"}, fields: []string{"cache_control.ttl"}},
	{name: "cache-automatic", fields: []string{"cache_control"}},
	{name: "context-management", betas: []string{"context-management"}, fields: []string{"context_management"}},
	{name: "compaction-edit", betas: []string{"compact-2026-01-12"}, fields: []string{"context_management.edits[type=compact_*]"}},
	{name: "compaction", betas: []string{"compact"}, fields: []string{"compaction"}},
	{name: "tool-search", betas: []string{"tool-search-tool", "advanced-tool-use"}, fields: []string{"tools[].defer_loading", "tools[type=tool_search_*]", "tool_reference", "tools[].input_examples"}},
	{name: "tool-examples", betas: []string{"tool-examples"}, fields: []string{"tools[].input_examples"}},
	{name: "tool-streaming", betas: []string{"fine-grained-tool-streaming"}, fields: []string{"tools[].eager_input_streaming"}},
	{name: "tool-changes", betas: []string{"mid-conversation-tool-changes"}},
	{name: "structured-outputs", betas: []string{"structured-outputs"}, fields: []string{"output_config.format", "output_format", "tools[].strict"}, code: "structured_outputs_unsupported", means: true},
	{name: "effort", betas: []string{"effort"}, fields: []string{"output_config.effort"}},
	{name: "effort-per-turn", betas: []string{"per-turn-control", "mid-conversation-output-config"}, fields: []string{"messages[].output_config"}},
	{name: "task-budgets", betas: []string{"task-budgets"}, fields: []string{"output_config.task_budget"}},
	{name: "thinking-display", betas: []string{"thinking-display-updates"}, fields: []string{"thinking.display"}},
	{name: "thinking-binding", betas: []string{"thinking-binding-controls"}},
	{name: "thinking-token-count", betas: []string{"thinking-token-count"}},
	{name: "thinking-interleaved", betas: []string{"interleaved-thinking"}},
	{name: "thinking-redacted", betas: []string{"redact-thinking"}},
	{name: "system-in-messages", betas: []string{"mid-conversation-system"}, fields: []string{"messages[role=system]"}, code: "mid_conv_system", means: true},
	{name: "auto-mode-check", betas: []string{"dangerous-tool-use"}, fields: []string{"safeguards"}},
	{name: "auto-mode", betas: []string{"afk-mode"}},
	{name: "claude-code", betas: []string{"claude-code"}},
	{name: "oauth", betas: []string{"oauth"}},
	{name: "token-counting", betas: []string{"token-counting"}},
	{name: "token-efficient-tools", betas: []string{"token-efficient-tools-2026-03-28"}},
	{name: "fast-mode", betas: []string{"fast-mode"}, fields: []string{"speed"}},
	{name: "cache-diagnosis", betas: []string{"cache-diagnosis"}, fields: []string{"diagnostics"}},
	{name: "fallbacks", betas: []string{"server-side-fallback"}, fields: []string{"fallbacks"}},
	{name: "fallback-credit", betas: []string{"fallback-credit"}, fields: []string{"fallback_credit_token"}},
	{name: "user-profiles-billing", betas: []string{"user-profiles-billing"}, fields: []string{"billing_policy"}},
	{name: "service-tier", fields: []string{"service_tier"}},
	{name: "inference-geo", fields: []string{"inference_geo"}, means: true},
	{name: "threads", betas: []string{"message-threads"}, fields: []string{"thread"}, details: "thread_unsupported_request", means: true},
	{name: "mcp-connector", betas: []string{"mcp-client"}, fields: []string{"mcp_servers"}, means: true},
	{name: "container", betas: []string{"skills"}, fields: []string{"container"}, means: true},
	{name: "code-execution", betas: []string{"code-execution"}, fields: []string{"tools[type=code_execution_*]"}, means: true},
	{name: "files", betas: []string{"files-api"}, fields: []string{"file_id"}, means: true},
	{name: "web-search", betas: []string{"web-search"}, fields: []string{"tools[type=web_search_*]"}, means: true},
	{name: "advisor", betas: []string{"advisor-tool"}, fields: []string{"tools[type=advisor_*]"}, means: true},
}

// places says where a field stands that has more than one place, or another
// than its name says. The inside of a tool's schema or input is none: there
// the same words are the developer's own.
var places = map[string][]string{
	"cache_control.scope":  cacheControls("scope"),
	"cache_control.ttl":    cacheControls("ttl"),
	"output_config.effort": {"output_config.effort", "messages[].output_config.effort"},
	"tool_reference":       {"messages[].content[type=tool_reference]", "messages[].content[].content[type=tool_reference]"},
	"file_id":              {"messages[].content[].source.file_id", "messages[].content[].file_id", "messages[].content[].content[].source.file_id"},
}

// cacheControls are the places of a member of cache_control.
func cacheControls(member string) (paths []string) {
	for _, holder := range []string{"", "system[].", "tools[].", "messages[].content[].", "messages[].content[].content[].", "messages[].content[].source.content[]."} {
		paths = append(paths, holder+"cache_control."+member)
	}
	return paths
}

// placesOf are the paths of a field.
func placesOf(field string) []string {
	if paths, ok := places[field]; ok {
		return paths
	}
	return []string{field}
}
