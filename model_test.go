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
	} {
		if got := MatchModel(test.glob, test.model); got != test.want {
			t.Errorf("MatchModel(%q, %q) = %v", test.glob, test.model, got)
		}
	}
	if BareModel("claude-opus-5-5[1m]") != "claude-opus-5-5" || BareModel("[1m]x") != "[1m]x" {
		t.Error("BareModel")
	}
}
