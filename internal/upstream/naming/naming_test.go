package naming

import (
	"testing"

	"tollgate"
)

func TestWhatEachProviderCallsAModel(t *testing.T) {
	for _, test := range []struct{ provider, region, profile, model, want string }{
		{"anthropic", "", "", "claude-opus-5-5", "claude-opus-5-5"},
		{"anthropic", "", "", "claude-opus-5-5[1m]", "claude-opus-5-5[1m]"},
		{"anthropic", "", "", "claude-opus-4-0", "claude-opus-4-0"},
		{"anthropic", "", "", "claude-3-5-haiku-latest", "claude-3-5-haiku-latest"},
		{"anthropic", "", "", "eu.anthropic.claude-opus-4-5-20251101-v1:0", "claude-opus-4-5-20251101"},
		{"anthropic", "", "", "claude-opus-5-5/claude-haiku-4-5", "claude-haiku-4-5"},
		{"anthropic", "", "", "claude-haiku-4-5@20251001", "claude-haiku-4-5-20251001"},
		{"anthropic", "", "", "opus", "opus"},
		{"anthropic-aws", "us-east-1", "", "us.anthropic.claude-opus-5-5", "claude-opus-5-5"},
		{"foundry", "", "", "claude-haiku-4-5-20251001", "claude-haiku-4-5"},
		{"foundry", "", "", "claude-haiku-4-5-20260101", "claude-haiku-4-5-20260101"},
		{"foundry", "", "", "our-opus", "our-opus"},
		{"vertex", "global", "", "claude-opus-4-5", "claude-opus-4-5@20251101"},
		{"vertex", "global", "", "claude-opus-4-0", "claude-opus-4@20250514"},
		{"vertex", "eu", "", "claude-3-5-haiku-20241022", "claude-3-5-haiku@20241022"},
		{"vertex", "eu", "", "claude-sonnet-4-6", "claude-sonnet-4-6"},
		{"vertex", "eu", "", "claude-opus-5-5[1m]", "claude-opus-5-5"},
		{"vertex", "eu", "", "claude-opus-4-5-20260101", "claude-opus-4-5@20260101"},
		{"bedrock-mantle", "us-east-1", "", "claude-haiku-4-5-20251001", "anthropic.claude-haiku-4-5"},
		{"bedrock-mantle", "us-east-1", "", "claude-fable-5-2", "anthropic.claude-fable-5-2"},
		{"bedrock", "eu-central-1", "", "claude-opus-5-5", "eu.anthropic.claude-opus-5-5"},
		{"bedrock", "eu-central-1", "", "claude-opus-4-5", "eu.anthropic.claude-opus-4-5-20251101-v1:0"},
		{"bedrock", "eu-central-1", "global", "claude-opus-4-6", "global.anthropic.claude-opus-4-6-v1"},
		{"bedrock", "eu-central-1", NoProfile, "claude-sonnet-4-6", "anthropic.claude-sonnet-4-6"},
		{"bedrock", "eu-central-1", "", "claude-fable-5-1", "global.anthropic.claude-fable-5-1"},
		{"bedrock", "eu-central-1", "", "claude-opus-4-1", "eu.anthropic.claude-opus-4-1-20250805-v1:0"}, // which Amazon refuses
		{"bedrock", "eu-central-1", "", "claude-opus-4-5-20260101", "eu.anthropic.claude-opus-4-5-20260101-v1:0"},
		{"bedrock", "us-west-2", "", "us.anthropic.claude-opus-5-5", "us.anthropic.claude-opus-5-5"},
		{"bedrock", "us-gov-west-1", "", "claude-sonnet-4-5", "us-gov.anthropic.claude-sonnet-4-5-20250929-v1:0"},
		{"bedrock", "ap-northeast-1", "", "claude-opus-5-5", "jp.anthropic.claude-opus-5-5"},
		{"bedrock", "ap-northeast-1", "", "claude-sonnet-4", "apac.anthropic.claude-sonnet-4-20250514-v1:0"},
		{"bedrock", "ap-southeast-2", "", "claude-opus-5", "au.anthropic.claude-opus-5"},
		{"bedrock", "ap-southeast-2", "", "claude-haiku-4-5", "global.anthropic.claude-haiku-4-5-20251001-v1:0"},
		{"bedrock", "ap-south-1", "", "claude-opus-4-6", "apac.anthropic.claude-opus-4-6-v1"},
		{"bedrock", "ap-south-1", "", "claude-opus-5-5", "global.anthropic.claude-opus-5-5"},
		{"bedrock", "ca-central-1", "", "claude-opus-5-5", "global.anthropic.claude-opus-5-5"},
		{"bedrock", "eu-west-1", "", "claude-nova-9", "eu.anthropic.claude-nova-9"},
		{"bedrock", "eu-west-1", "", "arn:aws:bedrock:eu-west-1:1:application-inference-profile/x1", "arn:aws:bedrock:eu-west-1:1:application-inference-profile/x1"},
	} {
		if got := For(test.provider, test.region, test.profile)(test.model); got != test.want {
			t.Errorf("%s %s %s calls %s %s, not %s", test.provider, test.region, test.profile, test.model, got, test.want)
		}
	}
}

// What leaves must be the model that was asked for and that a rule let pass.
func FuzzANameStaysThatOfTheModel(f *testing.F) {
	for _, seed := range []string{"claude-opus-4-5", "eu.anthropic.claude-opus-4-5-20251101-v1:0", "x/claude-haiku-4-5@20251001", "claude-opus-4-0[1m]", "our-opus"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		asked := tollgate.ParseModel(name)
		for _, provider := range []string{"anthropic", "bedrock", "bedrock-mantle", "vertex", "foundry", "anthropic-aws"} {
			spelled := For(provider, "eu-west-1", "")(name)
			got := tollgate.ParseModel(spelled)
			if got.Base != asked.Base || asked.Date != "" && got.Date != asked.Date && (got.Date != "" || asked.Date != find(asked.Base).snapshot) {
				t.Errorf("%s: %q became %q, another model", provider, name, spelled)
			}
			if asked.Claude() && For(provider, "eu-west-1", "")(spelled) != spelled {
				t.Errorf("%s: %q is spelled in two ways", provider, name)
			}
		}
	})
}
