package simulator

// Provider is one of those that a Simulator stands for.
type Provider string

// The providers, and the services that give out their tokens. The name of each
// but the first is also the prefix under which all of its paths stand.
const (
	Anthropic     Provider = "anthropic"
	Bedrock       Provider = "bedrock"
	BedrockMantle Provider = "bedrock-mantle"
	Vertex        Provider = "vertex"
	Foundry       Provider = "foundry"
	AnthropicAWS  Provider = "anthropic-aws"

	STS    Provider = "sts"
	Google Provider = "google"
	Entra  Provider = "entra"
)

// Providers are those that serve models.
var Providers = []Provider{Anthropic, Bedrock, BedrockMantle, Vertex, Foundry, AnthropicAWS}
