package naming

import "testing"

func TestPromise3_WhereThePremiumOfARegionIsAsked(t *testing.T) {
	for _, test := range []struct {
		provider, region, model string
		want                    bool
	}{
		{"bedrock", "eu-west-1", "eu.anthropic.claude-opus-5-5", true},
		{"bedrock", "eu-west-1", "global.anthropic.claude-opus-5-5", false},
		{"bedrock", "eu-west-1", "anthropic.claude-opus-5-5", true},
		{"bedrock", "eu-west-1", "arn:aws:bedrock:eu-west-1:1:inference-profile/global.anthropic.claude-opus-5-5", false},
		{"bedrock", "eu-west-1", "arn:aws:bedrock:eu-west-1:1:application-inference-profile/x1", true},
		{"bedrock-mantle", "eu-west-1", "anthropic.claude-opus-5-5", false},
		{"vertex", "global", "claude-opus-5-5", false},
		{"vertex", "eu", "claude-opus-5-5", true},
		{"vertex", "europe-west1", "claude-sonnet-4-6", true},
		{"foundry", "", "our-opus", false},
		{"anthropic-aws", "us-east-1", "claude-opus-5-5", false},
		{"anthropic", "", "claude-opus-5-5", false},
	} {
		if got := Regional(test.provider, test.region)(test.model); got != test.want {
			t.Errorf("%+v: %v", test, got)
		}
	}
}
