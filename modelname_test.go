package tollgate

import "testing"

func TestParseModel(t *testing.T) {
	for _, test := range []struct {
		name string
		want ModelName
	}{
		{"claude-opus-5-5", ModelName{Base: "claude-opus-5-5"}},
		{" claude-opus-5-5[1m] ", ModelName{Base: "claude-opus-5-5"}},
		{"claude-opus-4-5-20251101", ModelName{Base: "claude-opus-4-5", Date: "20251101"}},
		{"claude-opus-4-0", ModelName{Base: "claude-opus-4"}},
		{"claude-3-5-haiku-latest", ModelName{Base: "claude-3-5-haiku"}},
		{"claude-opus-4-5@20251101", ModelName{Base: "claude-opus-4-5", Date: "20251101"}},
		{"claude-opus-5-5@default", ModelName{Base: "claude-opus-5-5"}},
		{"publishers/anthropic/models/claude-opus-4-5@20251101", ModelName{Base: "claude-opus-4-5", Date: "20251101"}},
		{"anthropic.claude-haiku-4-5", ModelName{Base: "claude-haiku-4-5"}},
		{"anthropic.claude-opus-4-6-v1", ModelName{Base: "claude-opus-4-6"}},
		{"eu.anthropic.claude-opus-4-5-20251101-v1:0", ModelName{Base: "claude-opus-4-5", Date: "20251101", Profile: "eu"}},
		{"us-gov.anthropic.claude-sonnet-4-6", ModelName{Base: "claude-sonnet-4-6", Profile: "us-gov"}},
		{"arn:aws:bedrock:eu-west-1:1:inference-profile/global.anthropic.claude-opus-5-5", ModelName{Base: "claude-opus-5-5", Profile: "global"}},
		{"arn:aws:bedrock:eu-west-1:1:application-inference-profile/x1", ModelName{Base: "arn:aws:bedrock:eu-west-1:1:application-inference-profile/x1"}},
		{"claude-opus-4-5-20251101@20250101", ModelName{Base: "claude-opus-4-5-20251101@20250101"}},
		{"claude-opus-4-5@yesterday", ModelName{Base: "claude-opus-4-5@yesterday"}},
		{"our-opus-20251101", ModelName{Base: "our-opus-20251101"}},
		{"claude-", ModelName{Base: "claude-"}},
		{"", ModelName{}},
	} {
		if got := ParseModel(test.name); got != test.want {
			t.Errorf("ParseModel(%q) = %+v", test.name, got)
		}
	}
}

func FuzzParseModelComesToRest(f *testing.F) {
	for _, seed := range []string{"claude-opus-4-0-latest", "claude-x-v1-v1", "claude-x-20250101-20250202", "a/b.anthropic.claude-x@default", "x [1m] [1m]"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		once := ParseModel(name)
		again := ParseModel(once.String())
		if again.Base != once.Base || again.Date != once.Date {
			t.Errorf("%q is %+v, and that is %+v", name, once, again)
		}
	})
}
