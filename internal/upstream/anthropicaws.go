package upstream

import "tollgate/internal/dialect/messages"

// anthropicAWSProvider is Claude Platform on AWS: Anthropic's own API, paid for
// and signed for with AWS. A workspace belongs to one region (providers.md 5,
// 2026-11-23).
func anthropicAWSProvider() provider {
	return provider{
		dialect:  messages.Dialect{},
		address:  func(c Config) string { return "https://aws-external-anthropic." + c.Region + ".api.aws" },
		headers:  func(c Config) map[string]string { return map[string]string{"anthropic-workspace-id": c.Workspace} },
		needs:    []string{"region", "workspace"},
		takes:    []string{"api_key", "bearer", "bearer_file", "aws_access_key_id", "aws_profile"},
		standard: awsSigner,
		apiKey:   keyInHeader,
		service:  "aws-external-anthropic",
	}
}
