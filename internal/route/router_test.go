package route

import (
	"strings"
	"testing"

	"tollgate"
)

func TestRoute(t *testing.T) {
	router := New(Config{
		Routes: []Route{
			{Models: []string{"claude-opus-*", "claude-fable-*"}, Upstreams: []string{"anthropic", "eu"}},
			{Models: []string{"claude-*"}, Upstreams: []string{"eu"}},
		},
		Models: []Model{{ID: "claude-opus-5-5", UpstreamIDs: map[string]string{"eu": "our-opus"}}},
	}, []string{"anthropic", "eu"}, nil, nil)

	for model, want := range map[string]string{
		"claude-opus-5-5":     "anthropic:claude-opus-5-5 eu:our-opus",
		"claude-opus-5-5[1m]": "anthropic:claude-opus-5-5[1m] eu:our-opus",
		"claude-fable-5-2":    "anthropic:claude-fable-5-2 eu:claude-fable-5-2",
		"claude-haiku-5-5":    "eu:claude-haiku-5-5",
		"gpt-5":               "not found",
		"":                    "not found",
	} {
		if got := spell(router.Route(model)); got != want {
			t.Errorf("%s goes to %s, want %s", model, got, want)
		}
	}
}

func spell(targets []tollgate.Target, err error) string {
	if tollgate.IsKind(err, tollgate.NotFound) {
		return "not found"
	}
	var out []string
	for _, target := range targets {
		out = append(out, target.Upstream+":"+target.Model)
	}
	return strings.Join(out, " ")
}

func TestWithoutRoutesEveryClaudeIsServed(t *testing.T) {
	router := New(Config{}, []string{"a", "b"}, nil, nil)
	if got := spell(router.Route("claude-anything")); got != "a:claude-anything b:claude-anything" {
		t.Error(got)
	}
	if got := spell(router.Route("other")); got != "not found" {
		t.Error(got)
	}
}

func TestModels(t *testing.T) {
	catalog := []tollgate.Model{{ID: "claude-opus-5-5", DisplayName: "Claude Opus 5.5"}, {ID: "claude-haiku-5-5", DisplayName: "Claude Haiku 5.5"}}
	router := New(Config{
		Routes: []Route{{Models: []string{"claude-opus-*", "claude-own"}, Upstreams: []string{"a"}}},
		Models: []Model{{ID: "claude-opus-5-5", Description: "for hard things"}, {ID: "claude-own"}, {ID: "claude-unrouted"}},
	}, []string{"a"}, nil, catalog)

	all := router.Models(nil)
	if len(all) != 2 || all[0].DisplayName != "Claude Opus 5.5" || all[0].Description != "for hard things" || all[1] != (tollgate.Model{ID: "claude-own", DisplayName: "claude-own"}) {
		t.Errorf("all: %+v", all)
	}
	if some := router.Models([]string{"*-own"}); len(some) != 1 || some[0].ID != "claude-own" {
		t.Errorf("some: %+v", some)
	}
	if catalog[0].Description != "" {
		t.Error("the catalogue was changed")
	}
}

func TestARefusalDoesNotEchoWithoutBound(t *testing.T) {
	_, err := New(Config{}, nil, nil, nil).Route(strings.Repeat("x", 5000))
	if len(err.Error()) > 400 {
		t.Errorf("%d characters", len(err.Error()))
	}
}
