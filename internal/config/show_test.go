package config_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"tollgate/internal/secret"
)

const full = `
listen: {tls: {cert: /c, key: /k}, trusted_proxies: [10.0.0.0/8]}
admin: {address: "127.0.0.1:8081", keys: [{name: ops, key: "${KEY}", role: write}]}
organization: {time_zone: Europe/Berlin, help: ask the platform team}
upstreams:
  - {name: a, provider: anthropic, api_key: "${KEY}", headers: {x-team: "${KEY}"}}
  - {name: b, provider: anthropic, bearer: "${file:/key}"}
routes: [{models: ["*"], upstreams: [b, a]}]
prices: {unknown: highest}
alerts:
  webhooks: [{name: hook, url: "https://hooks.example.com/${KEY}", secret: "${KEY}"}]
  slack: [{name: chat, url: "https://hooks.example.com/${KEY}"}]
  mail: [{name: mail, server: "smtp.example.com:25", from: a@example.com, to: [b@example.com], username: u, password: "${KEY}"}]
limits: {drain: 1d, read_request: 90s}
`

func TestShowFillsInDefaults(t *testing.T) {
	c, err := parse(full)
	if err != nil {
		t.Fatal(err)
	}
	text, err := c.YAML()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"address: 127.0.0.1:8080", "time_zone: Europe/Berlin", "- 10.0.0.0/8", "base_url: https://api.anthropic.com",
		"first_byte: 10m\n", "max_request_bytes: 32MiB\n", "level: info", "unknown: highest", "idle: 2m\n", "drain: 24h\n", "tls: starttls\n", "- 95\n", "read_request: 1m30s\n", "api_key: '" + secret.Redacted + "'",
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("%q is missing", want)
		}
	}
	for _, empty := range []string{"federation", "public_url", "store", "null", "bearer_file"} {
		if strings.Contains(string(text), empty) {
			t.Errorf("%s is shown though it holds nothing", empty)
		}
	}
	if t.Failed() {
		t.Logf("%s", text)
	}
}

// What is shown is a configuration that says the same.
func TestShowCanBeReadBack(t *testing.T) {
	c, err := parse(good + "routes: [{models: [\"*\"], upstreams: [anthropic]}]")
	if err != nil {
		t.Fatal(err)
	}
	text, _ := c.YAML()
	again, err := parse(string(text))
	if err != nil {
		t.Fatal(err)
	}
	if second, _ := again.YAML(); string(second) != string(text) {
		t.Errorf("first:\n%s\nthen:\n%s", text, second)
	}
}

func TestPromise6_ShowMasksSecrets(t *testing.T) {
	c, err := parse(full)
	if err != nil {
		t.Fatal(err)
	}
	asYAML, _ := c.YAML()
	asJSON, _ := json.Marshal(c)
	for _, shown := range []string{string(asYAML), string(asJSON), fmt.Sprintf("%+v %#v %v", *c, c, c.Upstreams)} {
		if strings.Contains(shown, canary) {
			t.Errorf("a secret is shown: %s", shown)
		}
	}
	if strings.Count(string(asYAML), secret.Redacted) != 8 || strings.Count(string(asJSON), secret.Redacted) != 8 {
		t.Errorf("not every secret is marked:\n%s\n%s", asYAML, asJSON)
	}
}
