package capability

// verdict is what becomes of a feature.
type verdict uint8

const (
	keep    verdict = iota // beta and fields go as they came
	drop                   // neither goes
	bare                   // the fields go; the provider takes them without the beta, and not with it
	rename                 // the fields go, with another beta
	instead                // another beta goes in their place
	with                   // the fields go, and a beta with them that the client need not have sent
	idle                   // the beta goes only with its fields: alone it is of no use, and what the provider says to the pair is for the client
	refuse                 // a request that has the fields is refused; a beta without any is dropped
)

// String is how the verdict is shown.
func (v verdict) String() string {
	return [...]string{"keep", "drop", "drop the beta", "rename", "replace by beta", "add beta", "drop the beta when unused", "refuse"}[v]
}

// rule is what one provider does with one feature.
type rule struct {
	feature string
	verdict verdict
	to      string   // the beta of rename, instead and with
	models  []string // globs; nil: every model
	source
}

// source is where a rule was found, and when.
type source struct{ text, date string }

// Where the rules come from; providers.md and client-behaviour.md have what was
// read and measured, both as of this day.
const day = "2026-11-23"

var (
	litellm  = source{"LiteLLM's table 030dd40", day}                                    // providers.md 2.9
	aws      = source{"AWS's documentation of Claude on Bedrock", day}                   // 2.8
	google   = source{"Google's documentation of Claude on Agent Platform", day}         // 3.1
	azure    = source{"Microsoft's documentation of Claude in Foundry", day}             // 4
	platform = source{"documentation of Claude Platform on AWS", day}                    // 5
	claude   = source{"Anthropic's documentation: first-party API only", day}            // 1.10, 1.11
	aisdk    = source{"@ai-sdk/amazon-bedrock 5.0.20", day}                              // 2.8
	measured = source{"measured: Claude Code 2.1.330 sends it there", day}               // client-behaviour.md 1
	absent   = source{"inferred: Claude Code 2.1.330 does not send it there", day}       // client-behaviour.md 1
	inferred = source{"inferred: of no use beyond Anthropic's own API", day}             // 2.10
	resident = source{"inferred: where a cloud computes is said by its own region", day} // 2.10
)

// Models that differ from others of their provider.
var (
	bedrockStructured = []string{"claude-opus-4-6*", "claude-opus-4-5*", "claude-sonnet-4-6*", "claude-sonnet-4-5*", "claude-haiku-4-5*"} // 2.8
	sonnet5           = []string{"claude-sonnet-5"}                                                                                       // 2.8
	fable52           = []string{"claude-fable-5-2*"}                                                                                     // 3.1
)

const (
	toolSearch   = "tool-search-tool-2025-10-19"
	advancedTool = "advanced-tool-use-2025-11-20"
	toolExamples = "tool-examples-2025-10-29"
	toolStream   = "fine-grained-tool-streaming-2025-05-14"
)

// rules are the table. The first one that fits a model counts; a feature that
// is not in it is kept, and the provider's 400 is learned from.
var rules = map[string][]rule{
	"bedrock": {
		{feature: "cache-scope", verdict: drop, source: litellm},
		{feature: "cache-ttl", verdict: bare, source: aws}, // 2.8: 1h works; the beta is in nobody's list
		{feature: "cache-automatic", verdict: drop, source: aws},
		{feature: "context-management", verdict: keep, source: litellm},
		{feature: "compaction-edit", verdict: keep, source: litellm},
		{feature: "tool-search", verdict: rename, to: toolSearch, source: litellm},
		{feature: "tool-examples", verdict: with, to: toolExamples, source: aws},
		{feature: "tool-streaming", verdict: instead, to: toolStream, source: aisdk},
		{feature: "tool-changes", verdict: keep, source: aws},
		{feature: "structured-outputs", verdict: bare, models: bedrockStructured, source: aws},
		{feature: "structured-outputs", verdict: refuse, source: aws},
		{feature: "effort", verdict: keep, source: litellm},
		{feature: "effort-per-turn", verdict: drop, source: litellm},
		{feature: "thinking-display", verdict: keep, source: litellm},
		{feature: "thinking-binding", verdict: keep, source: litellm},
		{feature: "thinking-token-count", verdict: keep, source: measured},
		{feature: "thinking-interleaved", verdict: keep, source: measured},
		{feature: "thinking-redacted", verdict: drop, source: litellm},
		{feature: "system-in-messages", verdict: refuse, models: sonnet5, source: aws},
		{feature: "auto-mode-check", verdict: keep, source: litellm},
		{feature: "auto-mode", verdict: drop, source: inferred},
		{feature: "claude-code", verdict: drop, source: absent}, // it sends it as a header, not in the body
		{feature: "oauth", verdict: drop, source: litellm},
		{feature: "token-counting", verdict: drop, source: absent},
		{feature: "token-efficient-tools", verdict: drop, source: litellm},
		{feature: "fast-mode", verdict: drop, source: aws},
		{feature: "fallbacks", verdict: drop, source: aws},
		{feature: "fallback-credit", verdict: keep, source: aws},
		{feature: "service-tier", verdict: drop, source: inferred}, // it has a header of its own there
		{feature: "inference-geo", verdict: refuse, source: resident},
		{feature: "threads", verdict: refuse, source: claude},
		{feature: "mcp-connector", verdict: refuse, source: aws},
		{feature: "container", verdict: refuse, source: aws},
		{feature: "code-execution", verdict: idle, source: aws},
		{feature: "files", verdict: idle, source: aws},
		{feature: "web-search", verdict: idle, source: litellm},
		{feature: "advisor", verdict: idle, source: aws},
	},
	"bedrock-mantle": {
		{feature: "cache-scope", verdict: drop, source: litellm},
		{feature: "context-management", verdict: keep, source: litellm},
		{feature: "compaction-edit", verdict: keep, source: litellm},
		{feature: "tool-search", verdict: rename, to: toolSearch, source: litellm},
		{feature: "tool-examples", verdict: with, to: toolExamples, source: aws},
		{feature: "tool-streaming", verdict: keep, source: litellm},
		{feature: "tool-changes", verdict: keep, source: aws},
		{feature: "structured-outputs", verdict: refuse, source: aws},
		{feature: "effort", verdict: keep, source: litellm},
		{feature: "effort-per-turn", verdict: keep, source: litellm},
		{feature: "thinking-display", verdict: keep, source: litellm},
		{feature: "thinking-binding", verdict: keep, source: litellm},
		{feature: "thinking-interleaved", verdict: keep, source: litellm},
		{feature: "thinking-redacted", verdict: drop, source: litellm},
		{feature: "system-in-messages", verdict: refuse, models: sonnet5, source: aws},
		{feature: "auto-mode-check", verdict: keep, source: litellm},
		{feature: "auto-mode", verdict: drop, source: inferred},
		{feature: "claude-code", verdict: keep, source: litellm},
		{feature: "oauth", verdict: drop, source: litellm},
		{feature: "token-efficient-tools", verdict: keep, source: litellm},
		{feature: "fast-mode", verdict: drop, source: aws},
		{feature: "fallbacks", verdict: drop, source: aws},
		{feature: "fallback-credit", verdict: keep, source: aws},
		{feature: "service-tier", verdict: drop, source: inferred},
		{feature: "inference-geo", verdict: refuse, source: resident},
		{feature: "threads", verdict: refuse, source: claude},
		{feature: "mcp-connector", verdict: refuse, source: aws},
		{feature: "container", verdict: refuse, source: aws},
		{feature: "code-execution", verdict: idle, source: aws},
		{feature: "files", verdict: idle, source: aws},
		{feature: "web-search", verdict: keep, source: litellm},
		{feature: "advisor", verdict: idle, source: aws},
	},
	"vertex": {
		{feature: "cache-scope", verdict: drop, source: litellm},
		{feature: "context-management", verdict: keep, source: litellm},
		{feature: "compaction-edit", verdict: keep, source: litellm},
		{feature: "tool-search", verdict: rename, to: toolSearch, source: measured},
		{feature: "tool-examples", verdict: with, to: toolExamples, source: inferred},
		{feature: "tool-streaming", verdict: drop, source: litellm},
		{feature: "tool-changes", verdict: drop, source: absent},
		{feature: "structured-outputs", verdict: refuse, source: litellm},
		{feature: "effort", verdict: keep, source: measured}, // LiteLLM's table drops it
		{feature: "effort-per-turn", verdict: keep, source: litellm},
		{feature: "thinking-display", verdict: keep, source: litellm},
		{feature: "thinking-binding", verdict: keep, source: litellm},
		{feature: "thinking-token-count", verdict: keep, source: measured},
		{feature: "thinking-interleaved", verdict: keep, source: measured},
		{feature: "thinking-redacted", verdict: drop, source: litellm},
		{feature: "auto-mode-check", verdict: keep, source: litellm},
		{feature: "auto-mode", verdict: drop, source: inferred},
		{feature: "claude-code", verdict: keep, source: measured},
		{feature: "oauth", verdict: drop, source: litellm},
		{feature: "token-efficient-tools", verdict: drop, source: litellm},
		{feature: "fast-mode", verdict: bare, models: fable52, source: google},
		{feature: "fast-mode", verdict: drop, source: litellm},
		{feature: "fallbacks", verdict: drop, source: google},
		{feature: "service-tier", verdict: drop, source: inferred},
		{feature: "inference-geo", verdict: refuse, source: resident},
		{feature: "threads", verdict: refuse, source: google},
		{feature: "mcp-connector", verdict: refuse, source: google},
		{feature: "container", verdict: refuse, source: google},
		{feature: "code-execution", verdict: idle, source: google},
		{feature: "files", verdict: idle, source: google},
		{feature: "web-search", verdict: keep, source: measured},
		{feature: "advisor", verdict: idle, source: google},
	},
	"foundry": {
		{feature: "cache-scope", verdict: keep, source: litellm},
		{feature: "context-management", verdict: keep, source: measured},
		{feature: "compaction-edit", verdict: drop, source: litellm},
		{feature: "tool-search", verdict: rename, to: advancedTool, source: measured},
		{feature: "tool-streaming", verdict: drop, source: litellm},
		{feature: "tool-changes", verdict: drop, source: absent},
		{feature: "structured-outputs", verdict: keep, source: litellm}, // where Azure hosts the model itself it answers 400
		{feature: "effort", verdict: keep, source: litellm},
		{feature: "effort-per-turn", verdict: keep, source: litellm},
		{feature: "thinking-display", verdict: keep, source: litellm},
		{feature: "thinking-binding", verdict: drop, source: litellm},
		{feature: "thinking-token-count", verdict: keep, source: measured},
		{feature: "thinking-interleaved", verdict: keep, source: measured},
		{feature: "thinking-redacted", verdict: drop, source: litellm},
		// A client that hears nothing of the check takes no risky step by itself
		// (client-behaviour.md 3), so what is lost is comfort.
		{feature: "auto-mode-check", verdict: drop, source: litellm},
		{feature: "auto-mode", verdict: drop, source: inferred},
		{feature: "claude-code", verdict: keep, source: measured},
		{feature: "oauth", verdict: drop, source: litellm},
		{feature: "token-efficient-tools", verdict: drop, source: litellm},
		{feature: "fast-mode", verdict: drop, source: azure},
		{feature: "fallbacks", verdict: drop, source: azure},
		{feature: "service-tier", verdict: drop, source: inferred},
		{feature: "inference-geo", verdict: refuse, source: azure},
		{feature: "threads", verdict: refuse, source: claude},
		{feature: "mcp-connector", verdict: keep, source: litellm},
		{feature: "container", verdict: keep, source: litellm},
		{feature: "code-execution", verdict: keep, source: litellm},
		{feature: "files", verdict: keep, source: litellm},
		{feature: "web-search", verdict: keep, source: measured},
		{feature: "advisor", verdict: idle, source: azure},
	},
	"anthropic-aws": {
		{feature: "oauth", verdict: drop, source: platform},
		{feature: "fast-mode", verdict: drop, source: platform},
	},
}
