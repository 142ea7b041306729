package upstream

import "tollgate/internal/dialect/messages"

// foundryProvider is Microsoft Foundry, where a model's name is that of a
// deployment (providers.md 4, 2026-11-23).
func foundryProvider() provider {
	return provider{
		dialect: messages.Dialect{},
		address: func(c Config) string { return "https://" + c.Resource + ".services.ai.azure.com/anthropic" },
		needs:   []string{"resource"},
		takes:   []string{"api_key", "bearer", "bearer_file", "entra"},
		apiKey:  keyInHeader,
	}
}
