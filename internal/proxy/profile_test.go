package proxy

import (
	"slices"
	"strings"
	"testing"

	"tollgate"
)

// TestProfilesOf: the ids are Bedrock's, and every one is the model's again.
func TestProfilesOf(t *testing.T) {
	found := profilesOf([]tollgate.Model{{ID: "claude-opus-4-5"}, {ID: "claude-sonnet-5"}})
	var ids []string
	for _, one := range found {
		ids = append(ids, one.ID)
		if base := tollgate.ParseModel(one.ARN).Base; base != "claude-opus-4-5" && base != "claude-sonnet-5" {
			t.Errorf("%s is of the model %s", one.ARN, base)
		}
		if len(one.Models) != 1 || !strings.HasSuffix(one.ID, one.Models[0].ARN[strings.LastIndexByte(one.Models[0].ARN, '/')+1:]) {
			t.Errorf("%s holds %v", one.ID, one.Models)
		}
	}
	for _, want := range []string{"eu.anthropic.claude-opus-4-5-20251101-v1:0", "global.anthropic.claude-sonnet-5"} {
		if !slices.Contains(ids, want) {
			t.Errorf("%s is not among %q", want, ids)
		}
	}
}

// TestEveryCloudsDoorSaysHowToKnock.
func TestEveryCloudsDoorSaysHowToKnock(t *testing.T) {
	for _, d := range doors[1:] {
		if howToKnock[d.name] == "" {
			t.Errorf("whoever comes to the door %s without a key is not told how to send one", d.name)
		}
	}
}
