package meter

import "testing"

func TestLabelIsOneWordForAllSpellings(t *testing.T) {
	book, problems := NewBook(Config{Overrides: []Override{{Model: "our-own", Input: "1", Output: "1", CacheWrite5m: "1", CacheWrite1h: "1", CacheRead: "1"}}})
	if problems != nil {
		t.Fatal(problems)
	}
	for spelling, want := range map[string]string{
		"claude-opus-5-5":                      "claude-opus-5-5",
		"claude-opus-5-5[1m]":                  "claude-opus-5-5",
		"eu.anthropic.claude-opus-5-5-v1:0":    "claude-opus-5-5",
		"claude-opus-5-5-20991231":             "claude-opus-5-5",
		"our-own":                              "our-own",
		"claude-opus-5-5-and-something-absurd": "",
		"our-own-2":                            "",
		"":                                     "",
	} {
		if label, ok := book.Label(spelling); label != want || ok != (want != "") {
			t.Errorf("%q is %q (%v), want %q", spelling, label, ok, want)
		}
	}
}
