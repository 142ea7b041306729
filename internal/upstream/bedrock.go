package upstream

import "tollgate/internal/dialect/bedrock"

// bedrockProvider is the runtime of Amazon Bedrock. Its API keys are bearer
// tokens (providers.md 2.1, 2.2, 2026-11-23).
func bedrockProvider() provider {
	return provider{
		dialect:  bedrock.Dialect{},
		address:  func(c Config) string { return "https://bedrock-runtime." + c.Region + ".amazonaws.com" },
		needs:    []string{"region"},
		takes:    []string{"api_key", "bearer", "bearer_file", "aws_access_key_id", "aws_profile"},
		standard: awsSigner,
		apiKey:   keyAsBearer,
		service:  "bedrock",
	}
}
