package upstream

import "tollgate/internal/dialect/messages"

// mantleProvider is Amazon Bedrock's other address, which speaks the Messages
// API. AWS's pages name x-api-key for its keys, Anthropic's SDK sends them as
// bearer tokens (providers.md 2.1, 2.2, 2026-11-23).
func mantleProvider() provider {
	return provider{
		dialect:  messages.Dialect{},
		address:  func(c Config) string { return "https://bedrock-mantle." + c.Region + ".api.aws/anthropic" },
		needs:    []string{"region"},
		takes:    []string{"api_key", "bearer", "bearer_file", "aws_access_key_id", "aws_profile"},
		standard: awsSigner,
		apiKey:   keyAsBearer,
		service:  "bedrock-mantle",
	}
}
