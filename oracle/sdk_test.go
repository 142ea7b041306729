package oracle

import (
	"context"
	"testing"

	"github.com/anthropics/anthropic-sdk-go/v2"
	awsplatform "github.com/anthropics/anthropic-sdk-go/v2/aws"
	"github.com/anthropics/anthropic-sdk-go/v2/bedrock"
	"github.com/anthropics/anthropic-sdk-go/v2/foundry"
	"github.com/anthropics/anthropic-sdk-go/v2/option"
	"github.com/anthropics/anthropic-sdk-go/v2/vertex"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/google"

	"tollgate/internal/gatewaytest"
	"tollgate/internal/simulator"
)

// The account at the clouds, as gatewaytest.Upstreams has it.
const (
	region    = "us-east-1"
	project   = "acme-canary"
	location  = "global"
	workspace = "wrkspc_01canary"
)

var account = simulator.DefaultCloud

// sdks are the clients that Anthropic has made for each provider, pointed at a
// simulator.
var sdks = map[simulator.Provider]func(t *testing.T, url string) anthropic.BetaMessageService{
	simulator.Bedrock: func(_ *testing.T, url string) anthropic.BetaMessageService {
		return anthropic.NewClient(bedrock.WithConfig(awsConfig()), option.WithBaseURL(url), once).Beta.Messages
	},
	simulator.BedrockMantle: func(t *testing.T, url string) anthropic.BetaMessageService {
		client, err := bedrock.NewMantleClient(t.Context(), bedrock.MantleClientConfig{
			AWSAccessKey: account.AccessKeyID, AWSSecretAccessKey: account.SecretAccessKey, AWSRegion: region, BaseURL: url + "/bedrock-mantle/anthropic",
		}, once)
		must(t, err)
		return client.Beta.Messages
	},
	simulator.Vertex: func(t *testing.T, url string) anthropic.BetaMessageService {
		tokens := &google.Credentials{TokenSource: oauth2.StaticTokenSource(&oauth2.Token{AccessToken: gatewaytest.ProviderKey})}
		return anthropic.NewClient(vertex.WithCredentials(t.Context(), location, project, tokens), option.WithBaseURL(url), once).Beta.Messages
	},
	simulator.Foundry: func(t *testing.T, url string) anthropic.BetaMessageService {
		client, err := foundry.NewClient(foundry.ClientConfig{APIKey: gatewaytest.ProviderKey, BaseURL: url + "/foundry/anthropic"}, once)
		must(t, err)
		return client.Beta.Messages
	},
	simulator.AnthropicAWS: func(t *testing.T, url string) anthropic.BetaMessageService {
		client, err := awsplatform.NewClient(t.Context(), awsplatform.ClientConfig{
			AWSAccessKey: account.AccessKeyID, AWSSecretAccessKey: account.SecretAccessKey, AWSRegion: region, WorkspaceID: workspace, BaseURL: url + "/anthropic-aws",
		}, once)
		must(t, err)
		return client.Beta.Messages
	},
}

var once = option.WithMaxRetries(0)

func awsConfig() aws.Config {
	return aws.Config{Region: region, Credentials: credentials.NewStaticCredentialsProvider(account.AccessKeyID, account.SecretAccessKey, "")}
}

// throughGateway is the client for the API, pointed at a gateway.
func throughGateway(g *gatewaytest.Gateway) anthropic.BetaMessageService {
	return anthropic.NewClient(option.WithoutEnvironmentDefaults(), option.WithBaseURL(g.URL), option.WithAPIKey(g.Key), once).Beta.Messages
}

// call is one way to use a client.
type call struct {
	name string
	do   func(ctx context.Context, client anthropic.BetaMessageService, model string) error
}

var calls = []call{
	{"whole", func(ctx context.Context, client anthropic.BetaMessageService, model string) error {
		_, err := client.New(ctx, params(model))
		return err
	}},
	{"stream", func(ctx context.Context, client anthropic.BetaMessageService, model string) error {
		stream := client.NewStreaming(ctx, params(model))
		for stream.Next() {
		}
		return stream.Err()
	}},
	{"count", func(ctx context.Context, client anthropic.BetaMessageService, model string) error {
		all := params(model)
		_, err := client.CountTokens(ctx, anthropic.BetaMessageCountTokensParams{Model: all.Model, Messages: all.Messages, Betas: all.Betas})
		return err
	}},
}

// params have what the clouds have in common, text that is escaped in more than
// one way among it.
func params(model string) anthropic.BetaMessageNewParams {
	return anthropic.BetaMessageNewParams{
		Model: model, MaxTokens: 100,
		System:   []anthropic.BetaTextBlockParam{{Text: "Be brief; say <b>\"ä\"</b> & \\u0041.", CacheControl: anthropic.NewBetaCacheControlEphemeralParam()}},
		Messages: []anthropic.BetaMessageParam{anthropic.NewBetaUserMessage(anthropic.NewBetaTextBlock("Hello \u2028 there"))},
		Betas:    []anthropic.AnthropicBeta{"interleaved-thinking-2025-05-14"},
		Tools: []anthropic.BetaToolUnionParam{anthropic.BetaToolUnionParamOfTool(anthropic.BetaToolInputSchemaParam{
			Properties: map[string]any{"path": map[string]any{"type": "string"}},
		}, "Read")},
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
