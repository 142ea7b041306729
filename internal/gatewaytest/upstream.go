package gatewaytest

import (
	"fmt"
	"strings"

	"tollgate/internal/simulator"
)

// Upstreams is the part of a configuration that names an upstream for each of
// the providers, in this order, all of them at a simulator that is reached at
// url. Each has the name of its provider, and the credentials that a simulator
// takes which knows ProviderKey; those at AWS sign what they send.
func Upstreams(url string, providers ...simulator.Provider) string {
	lines := make([]string, len(providers))
	for i, provider := range providers {
		lines[i] = fmt.Sprintf("  - {name: %[1]s, provider: %[1]s, base_url: %[2]q, %[3]s}\n", provider, url+bases[provider], credentials[provider])
	}
	return "upstreams:\n" + strings.Join(lines, "")
}

// bases are where on the simulator each provider is, as base_url wants it.
var bases = map[simulator.Provider]string{
	simulator.Anthropic:     "",
	simulator.Bedrock:       "/bedrock",
	simulator.BedrockMantle: "/bedrock-mantle/anthropic",
	simulator.Vertex:        "/vertex",
	simulator.Foundry:       "/foundry/anthropic",
	simulator.AnthropicAWS:  "/anthropic-aws",
}

// credentials are what the configuration says of each beside its address.
var credentials = map[simulator.Provider]string{
	simulator.Anthropic:     "api_key: " + ProviderKey,
	simulator.Bedrock:       "region: us-east-1, " + signing,
	simulator.BedrockMantle: "region: us-east-1, " + signing,
	simulator.Vertex:        "region: global, project: acme-canary, bearer: " + ProviderKey,
	simulator.Foundry:       "api_key: " + ProviderKey,
	simulator.AnthropicAWS:  "region: us-east-1, workspace: wrkspc_01canary, " + signing,
}

var signing = fmt.Sprintf("aws_access_key_id: %s, aws_secret_access_key: %q", simulator.DefaultCloud.AccessKeyID, simulator.DefaultCloud.SecretAccessKey)
