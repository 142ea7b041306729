package tollgate

import (
	"testing"
	"time"
)

func TestScope(t *testing.T) {
	for text, phrase := range map[string]string{
		"org": "the organisation", "team:core": "team core", "developer:ann@example.com": "developer ann@example.com",
		"service:ci": "service ci", "key:3fG": "key 3fG", "team:a:b": "team a:b",
	} {
		scope, err := ParseScope(text)
		if err != nil || scope.String() != text || scope.Phrase() != phrase {
			t.Errorf("%s became %s, %q, %v", text, scope, scope.Phrase(), err)
		}
	}
	for _, text := range []string{"", "team", "team:", "org:", "org:acme", "Team:core", "nobody:x", "ann@example.com"} {
		if scope, err := ParseScope(text); !IsKind(err, Invalid) {
			t.Errorf("%q became %v, %v", text, scope, err)
		}
	}
}

func TestBudget_Counts(t *testing.T) {
	ann := Principal{Key: "k1", Developer: "ann@example.com", Team: "core"}
	bot := Principal{Key: "k2", Service: "ann@example.com"} // a service of that name is somebody else
	for _, test := range []struct {
		scope, models string
		each          bool
		who           Principal
		member        string
		counted       bool
	}{
		{"org", "", false, ann, "", true},
		{"org", "", true, ann, "developer:ann@example.com", true},
		{"org", "", true, bot, "service:ann@example.com", true},
		{"team:core", "", true, ann, "developer:ann@example.com", true},
		{"team:core", "", false, bot, "", false},
		{"developer:ann@example.com", "", false, ann, "", true},
		{"developer:ann@example.com", "", true, ann, "key:k1", true},
		{"developer:ann@example.com", "", false, bot, "", false},
		{"service:ann@example.com", "", false, bot, "", true},
		{"key:k1", "", false, ann, "", true},
		{"key:k1", "", false, bot, "", false},
		{"org", "claude-opus-*", false, ann, "", true},
		{"org", "claude-haiku-*", false, ann, "", false},
	} {
		b := Budget{Each: test.each}
		b.Scope, _ = ParseScope(test.scope)
		if test.models != "" {
			b.Models = []string{"claude-mythos-1", test.models}
		}
		member, counted := b.Counts(test.who, "claude-opus-5-5")
		if counted != test.counted || member.String() != test.member {
			t.Errorf("%+v: %v, %v", test, member, counted)
		}
	}
}

func TestBudget_LimitWithRaises(t *testing.T) {
	now := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	ann, bob := Scope{ScopeDeveloper, "ann@example.com"}, Scope{ScopeDeveloper, "bob@example.com"}
	b := Budget{Amount: 100, Raises: []Raise{
		{By: 1, From: now.Add(-2 * time.Hour), Until: now},                    // over this moment
		{By: 10, From: now, Until: now.Add(time.Hour)},                        // begun this moment
		{By: 1000, From: now.Add(-time.Hour), Until: now.Add(1), Member: ann}, // for one
	}}
	for who, want := range map[Scope]Money{ann: 1110, bob: 110, {}: 110} {
		if got := b.Limit(who, now); got != want {
			t.Errorf("%v has %d, want %d", who, got, want)
		}
	}
	if got := b.Limit(bob, now.Add(-time.Minute)); got != 101 {
		t.Errorf("a minute ago bob had %d", got)
	}
}

func TestMoney_Rounded(t *testing.T) {
	for money, want := range map[Money]string{
		0: "$0.00", 1: "$0.000000001", 4_999_999: "$0.005", 5_000_000: "$0.005", 12_345_678: "$0.01", 15_000_000: "$0.02",
		498_704_999_999: "$498.70", 498_705_000_000: "$498.71", -12_345_678: "-$0.01", 1<<63 - 1: "$9223372036.854775807",
	} {
		if got := money.Rounded(); got != want {
			t.Errorf("%d is rounded to %s, want %s", money, got, want)
		}
	}
}
