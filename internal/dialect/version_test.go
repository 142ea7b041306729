package dialect

import "testing"

func TestVersion(t *testing.T) {
	for _, c := range []struct{ named, neutral, told string }{
		{"", "2023-06-01", "bedrock-2023-05-31"},
		{"2023-06-01", "2023-06-01", "bedrock-2023-05-31"},
		{"bedrock-2023-05-31", "2023-06-01", "bedrock-2023-05-31"},
		{"vertex-2023-10-16", "2023-06-01", "bedrock-2023-05-31"},
		{"2026-10-21", "2026-10-21", "2026-10-21"},
	} {
		if got := Neutral(c.named); got != c.neutral {
			t.Errorf("Neutral(%q) = %q, want %q", c.named, got, c.neutral)
		}
		if got := Version(c.named, "bedrock-2023-05-31"); got != c.told {
			t.Errorf("Version(%q) = %q, want %q", c.named, got, c.told)
		}
	}
}

func TestSegment(t *testing.T) {
	for _, c := range []struct{ model, want string }{
		{"anthropic.claude-opus-4-5-20251101-v1:0", "anthropic.claude-opus-4-5-20251101-v1:0"},
		{"claude-opus-4-5@20251101", "claude-opus-4-5@20251101"},
		{"arn:aws:bedrock:us-east-1:1:inference-profile/x", "arn:aws:bedrock:us-east-1:1:inference-profile%2Fx"},
		{"two words", "two%20words"},
		{"a;b?c#d%2f", "a%3Bb%3Fc%23d%252f"},
		{"", unknown},
		{".", unknown},
		{"..", unknown},
		{"..;x", unknown},
		{";x", unknown},
		{"a/../b", unknown},
		{"a//b", unknown},
		{"/a", unknown},
		{"a/", unknown},
	} {
		if got := Segment(c.model); got != c.want {
			t.Errorf("Segment(%q) = %q, want %q", c.model, got, c.want)
		}
	}
}

// FuzzSegment holds every name to one segment that no reader of paths takes for
// a way.
func FuzzSegment(f *testing.F) {
	f.Add("arn:aws:bedrock/x")
	f.Add("../..")
	f.Fuzz(func(t *testing.T, model string) {
		got := Segment(model)
		if got == "" || got == "." || got == ".." {
			t.Fatalf("%q", got)
		}
		for i := range len(got) {
			if b := got[i]; b == '/' || b == '?' || b == '#' || b == ';' || b <= ' ' || b >= 0x7f {
				t.Fatalf("%q", got)
			}
		}
	})
}
