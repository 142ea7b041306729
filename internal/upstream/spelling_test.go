package upstream

import (
	"testing"

	"tollgate"
)

// TestSpelling: what a client at a provider's own door has chosen counts where it
// profile counts, never a resource, in whosever account.
func TestSpelling(t *testing.T) {
	ours := "eu.anthropic.claude-haiku-4-5-20251001-v1:0"
	for asked, want := range map[string]string{
		ours: ours,
		"global.anthropic.claude-haiku-4-5-20251001-v1:0":                                                  ours,
		"us.anthropic.claude-haiku-4-5-20251001-v1:0":                                                      ours,
		"eu.anthropic.claude-opus-4-5-20251101-v1:0":                                                       ours,
		"arn:aws:bedrock:eu-west-1:1:inference-profile/" + ours:                                            ours,
		"arn:aws:bedrock:eu-west-1:1:application-inference-profile/eu.anthropic.claude-haiku-4-5-20251001": ours,
		"arn:aws:sagemaker:eu-west-1:1:endpoint/eu.anthropic.claude-haiku-4-5-20251001":                    ours,
		"../" + ours: ours,
	} {
		u := &Upstream{Provider: "bedrock"}
		if got := u.spelling(tollgate.Call{Door: "bedrock", Spelled: asked}, ours); got != want {
			t.Errorf("%s is asked for as %s, want %s", asked, got, want)
		}
	}
}
