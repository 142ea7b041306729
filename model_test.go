package tollgate

import "testing"

func TestMatchModel(t *testing.T) {
	for _, test := range []struct {
		glob, model string
		want        bool
	}{
		{"claude-opus-5-5", "claude-opus-5-5", true},
		{"claude-opus-5-5", "claude-opus-5", false},
		{"claude-opus-5", "claude-opus-5-5", false},
		{"*", "", true},
		{"*", "anything", true},
		{"claude-*", "claude-", true},
		{"claude-*", "Claude-opus", false},
		{"*-opus-*", "claude-opus-5", true},
		{"*-opus-*", "claude-sonnet-5", false},
		{"a*b*c", "abc", true},
		{"a*b*c", "axxbyyc", true},
		{"a*b*c", "acb", false},
		{"a*bb", "abab", false},
		{"a*a", "a", false},
		{"**", "x", true},
		{"", "", true},
		{"", "x", false},

		{"claude-opus-4-5", "claude-opus-4-5-20251101", true},
		{"claude-opus-4-5", "eu.anthropic.claude-opus-4-5-20251101-v1:0", true},
		{"claude-opus-4-5", "claude-opus-4-5@20251101", true},
		{"claude-opus-4-5-20251101", "anthropic.claude-opus-4-5-20251101-v1:0", true},
		{"claude-opus-4-5-20251101", "claude-opus-4-5@20251101", true},
		{"claude-opus-4-5-20251101", "claude-opus-4-5-20260101", false},
		{"claude-opus-4-5-20251101", "claude-opus-4-5", false},
		{"eu.anthropic.claude-opus-4-5-20251101-v1:0", "claude-opus-4-5-20251101", true},
		{"eu.anthropic.claude-opus-4-5-20251101-v1:0", "claude-opus-4-5", false},
		{"anthropic.claude-opus-5-5", "claude-opus-5-5[1m]", true},
		{"claude-opus-5-5[1m]", "claude-opus-5-5", true},
		{"claude-opus-4-0", "claude-opus-4-20250514", true},
		{"claude-opus-*", "global.anthropic.claude-opus-5-5", true},
		{"claude-opus-4-5-2025*", "claude-opus-4-5@20251101", true},
		{"claude-opus-4-5-2025*", "claude-opus-4-5@20261101", false},
		{"claude-opus-4", "claude-opus-4-5", false},
		{"claude-opus-4", "claude-opus-4-5-20251101", false},
		{"claude-haiku-*", "claude-haiku-4-5/claude-opus-5-5", false},
		{"*haiku*", "haiku.anthropic.claude-opus-5-5", false},
		{"eu.anthropic.claude-*", "eu.anthropic.claude-opus-5-5", true},
		{"eu.anthropic.claude-*", "us.anthropic.claude-opus-5-5", false},
		{"*-latest", "claude-3-5-haiku-latest", true},
		{"claude-3-5-haiku-latest", "claude-3-5-haiku-20241022", true},
		{"x", "arn:aws:bedrock:eu-west-1:1:application-inference-profile/x", false},
		{"*-opus-5-5", "us.anthropic.claude-opus-5-5", true},
	} {
		if got := MatchModel(test.glob, test.model); got != test.want {
			t.Errorf("MatchModel(%q, %q) = %v", test.glob, test.model, got)
		}
	}
	if BareModel("claude-opus-5-5[1m]") != "claude-opus-5-5" || BareModel("[1m]x") != "[1m]x" {
		t.Error("BareModel")
	}
}
