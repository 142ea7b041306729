package config_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"tollgate/internal/config"
)

const plain = `
upstreams: [{name: a, provider: anthropic, api_key: one, headers: {x: y}}]
routes: [{models: [claude-*], upstreams: [a]}]
`

func parsed(t *testing.T, text string) *config.Config {
	t.Helper()
	c, err := config.Parse("", []byte(text), config.Lookup{Env: func(string) (string, bool) { return "", false }, File: os.ReadFile})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestChanged names what differs, a secret too.
func TestChanged(t *testing.T) {
	for text, want := range map[string][]string{
		plain: nil,
		`
upstreams: [{name: a, provider: anthropic, api_key: two, headers: {x: y}}]
routes: [{models: [claude-*], upstreams: [a]}]`: {"upstreams"},
		plain + "limits: {drain: 1m}\norganization: {time_zone: Europe/Berlin}": {"limits", "organization"},
		`
upstreams: [{name: a, provider: anthropic, api_key: one, headers: {x: z}}]
routes: [{models: [claude-opus-*], upstreams: [a]}]`: {"routes", "upstreams"},
	} {
		if got := config.Changed(parsed(t, plain), parsed(t, text)); !slices.Equal(got, want) {
			t.Errorf("%s\ndiffers in %v, want %v", text, got, want)
		}
	}
}

// TestFingerprint changes with what the files say, and with nothing else.
func TestFingerprint(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	key := write("key", "one")
	path := write("tollgate.yaml", "upstreams: [{api_key: \"${file:"+key+"}\"}]")
	before := config.Fingerprint(path)
	write("key", "one")
	if config.Fingerprint(path) != before {
		t.Error("a file that was written again as it was is another")
	}
	write("key", "two")
	after := config.Fingerprint(path)
	if after == before {
		t.Error("a file that is referred to has changed, and nothing is seen of it")
	}
	other := write("other.yaml", "upstreams: []")
	if err := os.Rename(other, path); err != nil {
		t.Fatal(err)
	}
	renamed := config.Fingerprint(path)
	if renamed == after {
		t.Error("a file that was put in place by renaming is not seen")
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if config.Fingerprint(path) == renamed {
		t.Error("a file that has gone is not seen")
	}
}
