package proxy

// howToKnock says at each cloud's door how a client sends its gateway key there.
// Without, it signs with a credential of that cloud, which is none here.
// Source: contract.md 7.3 and client-behaviour.md 1, 2026-11-23.
var howToKnock = map[string]string{
	"bedrock":       "in Bedrock mode a client sends its gateway key if ANTHROPIC_AUTH_TOKEN holds it and CLAUDE_CODE_SKIP_BEDROCK_AUTH is 1, or if AWS_BEARER_TOKEN_BEDROCK holds it; a signature for AWS opens nothing here",
	"vertex":        "in Vertex mode a client sends its gateway key if ANTHROPIC_AUTH_TOKEN holds it and CLAUDE_CODE_SKIP_VERTEX_AUTH is 1; a token of Google's opens nothing here",
	"foundry":       "in Foundry mode a client sends its gateway key if ANTHROPIC_FOUNDRY_API_KEY holds it; a token of Microsoft's opens nothing here",
	"anthropic-aws": "in the mode for Claude Platform on AWS a client sends its gateway key if ANTHROPIC_AUTH_TOKEN holds it and CLAUDE_CODE_SKIP_ANTHROPIC_AWS_AUTH is 1; a signature for AWS opens nothing here",
}
