package config_test

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"tollgate"
	"tollgate/internal/admin"
	"tollgate/internal/config"
)

var update = flag.Bool("update", false, "write the golden files anew")

// canary is what every reference in these tests stands for.
const canary = "sk-ant-canary-0123456789"

// lookup knows KEY, EMPTY and MALFORMED, /key, /two-lines and /locked.
var lookup = config.Lookup{
	Env: func(name string) (string, bool) {
		value, set := map[string]string{"KEY": canary, "EMPTY": "", "MALFORMED": canary + "\n" + canary, "PORT": "8443"}[name]
		return value, set
	},
	File: func(path string) ([]byte, error) {
		switch path {
		case "/c", "/k", "/etc/tollgate/tls.crt", "/etc/tollgate/tls.key":
			return config.Pair, nil
		case "/other":
			return config.OtherPair, nil
		case "/b", "/t", "/run/token":
			return []byte("token"), nil
		case "/spaces":
			return []byte(" \n\n"), nil
		case "/key":
			return []byte(canary + "\n"), nil
		case "/blank":
			return []byte("\n"), nil
		case "/locked":
			return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrPermission}
		}
		return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
	},
}

func parse(text string) (*config.Config, error) {
	return config.Parse("tollgate.yaml", []byte(text), lookup)
}

// problemsOf fails the test unless err is an *Error.
func problemsOf(t *testing.T, err error) []tollgate.Problem {
	t.Helper()
	if err == nil {
		return nil
	}
	wrong, ok := errors.AsType[*config.Error](err)
	if !ok {
		t.Fatalf("%T is not a *config.Error: %v", err, err)
	}
	return wrong.Problems
}

// TestProblems holds every file in testdata: a configuration, and all that is
// said about it. Run with -update after looking at what changes.
func TestProblems(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.txtar")
	if len(files) == 0 {
		t.Fatal("testdata is empty")
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil || len(archive.Files) != 2 {
				t.Fatalf("want tollgate.yaml and problems: %v", err)
			}
			_, err = parse(string(archive.Files[0].Data))
			for _, problem := range problemsOf(t, err) {
				if problem.Line == 0 || problem.Remedy == "" {
					t.Errorf("without a line or a remedy: %v", problem)
				}
			}
			got := fmt.Sprintln(err)
			if strings.Contains(got, canary) {
				t.Errorf("a secret is shown:\n%s", got)
			}
			if *update {
				archive.Files[1].Data = []byte(got)
				if err := os.WriteFile(file, txtar.Format(archive), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if want := string(archive.Files[1].Data); got != want {
				t.Errorf("got:\n%s\nwant:\n%s", got, want)
			}
		})
	}
}

// good is a configuration to spoil.
const good = `listen: {address: "127.0.0.1:8080"}
upstreams:
  - {name: anthropic, provider: anthropic, api_key: "${KEY}"}
`

func TestEveryRule(t *testing.T) {
	const federation = `{rule: fdrl_1, organization: 7b2f1c3e-0000-4000-8000-00000000abcd, token_file: /t}`
	upstream := func(rest string) string {
		return "upstreams: [{name: a, provider: anthropic, " + rest + "}]"
	}
	for _, rule := range []struct{ text, path string }{
		{upstream(`api_key: k, base_url: "ftp://x"`), "upstreams[0].base_url"},
		{upstream(`api_key: k, base_url: "https://"`), "upstreams[0].base_url"},
		{upstream(`api_key: k, base_url: "https://u:p@x"`), "upstreams[0].base_url"},
		{upstream(`api_key: k, base_url: "https://x/?a=b"`), "upstreams[0].base_url"},
		{upstream(`api_key: k, base_url: "http://10.1.2.3"`), "upstreams[0].base_url"},
		{upstream(`api_key: k, base_url: "http://10.1.2.3", allow_plain_http: true`), ""},
		{upstream(`api_key: k, base_url: "http://127.0.0.1:9/sim"`), ""},
		{upstream(`api_key: k, base_url: "http://[::1]:9"`), ""},
		{upstream(`api_key: k, base_url: "http://localhost:9"`), ""},
		{upstream(`first_byte: 30s`), "upstreams[0]"},
		{upstream(`api_key: k, bearer: b`), "upstreams[0].bearer"},
		{upstream(`bearer: b`), ""},
		{upstream(`bearer_file: /b`), ""},
		{upstream(`bearer_file: /missing`), "upstreams[0].bearer_file"},
		{upstream(`bearer_file: /locked`), "upstreams[0].bearer_file"},
		{upstream(`bearer_file: /spaces`), "upstreams[0].bearer_file"},
		{upstream(`bearer_file: "${UNSET}"`), "upstreams[0].bearer_file"},
		{upstream(`api_key: "two words"`), "upstreams[0].api_key"},
		{upstream(`bearer: "${MALFORMED}"`), "upstreams[0].bearer"},
		{upstream(`federation: ` + federation), ""},
		{upstream(`federation: ` + strings.Replace(federation, "/t", "/blank", 1)), "upstreams[0].federation.token_file"},
		{upstream(`federation: ` + strings.Replace(federation, "fdrl_", "rule_", 1)), "upstreams[0].federation.rule"},
		{upstream(`federation: ` + strings.Replace(federation, "7b2f", "", 1)), "upstreams[0].federation.organization"},
		{upstream(`federation: ` + strings.Replace(federation, "/t", `""`, 1)), "upstreams[0].federation.token_file"},
		{upstream(`federation: ` + strings.Replace(federation, "rule", "service_account: x, rule", 1)), "upstreams[0].federation.service_account"},
		{upstream(`federation: ` + strings.Replace(federation, "rule", "workspace: x, rule", 1)), "upstreams[0].federation.workspace"},
		{upstream(`api_key: k, first_byte: -1s`), "upstreams[0].first_byte"},
		{upstream(`api_key: k, headers: {x-team: a}`), ""},
		{upstream(`api_key: k, headers: {X-API-Key: a}`), "upstreams[0].headers.X-API-Key"},
		{upstream(`api_key: k, headers: {x y: a}`), "upstreams[0].headers.x y"},
		{upstream(`api_key: k, headers: {x-y: "${MALFORMED}"}`), "upstreams[0].headers.x-y"},
		{upstream(`api_key: [k]`), "upstreams[0].api_key"},
		{`upstreams: [{name: A_B, provider: anthropic, api_key: k}]`, "upstreams[0].name"},
		{`upstreams: [{provider: anthropic, api_key: k}]`, "upstreams[0].name"},
		{`upstreams: [{provider: anthropic, api_key: k}, {name: a, provider: anthropic, api_key: k}]`, "upstreams[0].name"},
		{`upstreams: [{name: a, provider: anthropik, api_key: k}]`, "upstreams[0].provider"},
		{`upstreams: [{name: a, provider: bedrock}]`, "upstreams[0].region"},
		{`upstreams: [{name: a, api_key: k}]`, "upstreams[0].provider"},
		{`upstreams: []`, "upstreams"},
		{`upstreams: {name: a}`, "upstreams"},
		{``, "upstreams"},
		{good + `  - {name: anthropic, provider: anthropic, api_key: k}`, "upstreams[1].name"},
		{good + `routes: [{models: [], upstreams: [anthropic]}]`, "routes[0].models"},
		{good + `routes: [{models: ["claude-*"]}]`, "routes[0].upstreams"},
		{good + `routes: [{models: ["claude-?"], upstreams: [anthropic]}]`, "routes[0].models[0]"},
		{good + `routes: [{models: ["claude-*"], upstreams: [anthropic, bedrock]}]`, "routes[0].upstreams[1]"},
		{good + `routes: [{models: ["claude-*"], upstreams: [anthropic, anthropic]}]`, "routes[0].upstreams[1]"},
		{good + `models: [{id: ""}]`, "models[0].id"},
		{good + `models: [{id: claude-*}]`, "models[0].id"},
		{good + `models: [{id: a}, {id: a}]`, "models[1].id"},
		{good + `models: [{id: a, upstream_ids: {bedrock: x}}]`, "models[0].upstream_ids.bedrock"},
		{good + `models: [{id: a, upstream_ids: {anthropic: ""}}]`, "models[0].upstream_ids.anthropic"},
		{good + `prices: {unknown: guess}`, "prices.unknown"},
		{good + `prices: {overrides: [{upstream: x, model: m, input: 1, output: 1, cache_write_5m: 1, cache_write_1h: 1, cache_read: 1}]}`, "prices.overrides[0].upstream"},
		{good + `limits: {max_request_bytes: 0}`, "limits.max_request_bytes"},
		{good + `limits: {max_request_bytes: 32 miles}`, "limits.max_request_bytes"},
		{good + `limits: {max_request_bytes: 9999999999GiB}`, "limits.max_request_bytes"},
		{good + `limits: {max_request_bytes: -1}`, "limits.max_request_bytes"},
		{good + `limits: {max_request_bytes: 16 MiB, max_header_bytes: 64KB, drain: 1d, idle: 1m30s}`, ""},
		{good + `limits: {max_header_bytes: 1KiB}`, "limits.max_header_bytes"},
		{good + `limits: {read_request: 0s}`, "limits.read_request"},
		{good + `limits: {idle: -1s}`, "limits.idle"},
		{good + `limits: {drain: 10}`, "limits.drain"},
		{good + `limits: {drain: 99999d}`, "limits.drain"},
		{good + `limits: {first_byte: 0s}`, "limits.first_byte"},
		{good + `limits: {first_byte: -1s}`, "limits.first_byte"},
		{good + `limits: {first_byte: soon}`, "limits.first_byte"},
		{good + `limits: 5`, "limits"},
		{good + `admin: {address: "127.0.0.1:8081"}`, "admin.keys"},
		{good + `admin: {metrics: everybody}`, "admin.metrics"},
		{good + `admin: {metrics: open}`, "admin.metrics"},
		{good + `admin: {keys: [{name: a, key: 0123456789abcdef, role: read}]}`, "admin.keys"},
		{good + `telemetry: {otlp: {sample: 0.1}}`, "telemetry.otlp.endpoint"},
		{good + `admin: {address: "127.0.0.1:8081", metrics: open}`, ""},
		{good + `admin: {address: "127.0.0.1:8080", keys: [{name: a, key: 0123456789abcdef, role: read}]}`, "admin.address"},
		{good + `admin: {address: "127.0.0.1", keys: [{name: a, key: 0123456789abcdef, role: read}]}`, "admin.address"},
		{good + `admin: {address: ":8081", keys: [{name: a, key: 0123456789abcdef, role: read}]}`, "admin.address"},
		{good + `admin: {address: "0.0.0.0:8081", keys: [{name: a, key: 0123456789abcdef, role: read}]}`, "admin.address"},
		{good + `admin: {address: "gateway:8081", keys: [{name: a, key: 0123456789abcdef, role: read}]}`, "admin.address"},
		{good + `admin: {address: "[::1]:8081", keys: [{name: a, key: 0123456789abcdef, role: read}]}`, ""},
		{good + `admin: {address: "localhost:8081", keys: [{name: a, key: 0123456789abcdef, role: read}]}`, ""},
		{good + `admin: {address: ":8081", allow_plain_http: true, keys: [{name: a, key: 0123456789abcdef, role: read}]}`, ""},
		{strings.Replace(good, "listen: {", "listen: {tls: {cert: /c, key: /k}, ", 1) + `admin: {address: ":8081", keys: [{name: a, key: 0123456789abcdef, role: read}]}`, ""},
		{good + `admin: {address: "127.0.0.1:8081", keys: [{name: a, key: 0123456789abcde, role: read}]}`, "admin.keys[0].key"},
		{good + `admin: {address: "127.0.0.1:8081", keys: [{name: a, key: 0123456789abcdef, role: root}]}`, "admin.keys[0].role"},
		{good + `admin: {address: "127.0.0.1:8081", keys: [{key: 0123456789abcdef, role: read}]}`, "admin.keys[0].name"},
		{good + `admin: {address: "127.0.0.1:8081", keys: [{name: a, key: "${KEY}", role: read}, {name: a, key: 0123456789abcdef, role: write}]}`, "admin.keys[1].name"},
		{good + `admin: {address: "127.0.0.1:8081", keys: [{name: a, key: "${KEY}", role: read}, {name: b, key: "${KEY}", role: write}]}`, "admin.keys[1].key"},
		{good + `alerts: {at: [10, 200]}`, ""},
		{good + `alerts: {at: []}`, "alerts.at"},
		{good + `alerts: {at: [10, ten]}`, "alerts.at[1]"},
		{good + `alerts: {slack: [{name: a, url: "http://x/${KEY}"}]}`, "alerts.slack[0].url"},
		{good + `alerts: {webhooks: [{name: a, url: "https://x/${KEY}", secret: "${KEY}"}], slack: [{name: a, url: "https://x"}]}`, "alerts.slack[0].name"},
		{good + `alerts: {mail: [{name: a, server: "x:25", from: a@x, to: [b@x], username: u, password: "${KEY}", tls: none}]}`, "alerts.mail[0].tls"},
		{good + `alerts: {mail: [{name: a, server: "x:25", from: a@x, to: [b@x]}]}`, ""},
		{good + `data_dir: ""`, "data_dir"},
		{good + `store: {url: "postgres://x"}`, "store.url"},
		{good + `organization: {time_zone: Mars/Olympus}`, "organization.time_zone"},
		{good + `organization: {time_zone: Local}`, "organization.time_zone"},
		{good + `log: {format: xml}`, "log.format"},
		{good + `log: {level: loud}`, "log.level"},
		{good + `audit: {sinks: [{name: a, kind: stdout}]}`, ""},
		{good + `audit: {sinks: [{name: a, kind: stdout}, {name: a, kind: jsonl, path: /x}]}`, "audit.sinks[1].name"},
		{good + `audit: {sinks: [{name: a, kind: webhook, url: "http://x/${KEY}", secret: "${KEY}"}]}`, "audit.sinks[0].url"},
		{good + `subscriptions: {passthrough: true, require_key: true}`, ""},
		{good + `subscriptions: {require_key: true}`, "subscriptions.require_key"},
		{strings.Replace(good, "127.0.0.1:8080", "8080", 1), "listen.address"},
		{strings.Replace(good, "127.0.0.1:8080", "localhost:http", 1), "listen.address"},
		{strings.Replace(good, "127.0.0.1:8080", ":${PORT}", 1), ""},
		{strings.Replace(good, "listen: {", "listen: {public_url: gateway, ", 1), "listen.public_url"},
		{strings.Replace(good, "listen: {", "listen: {tls: {cert: /c}, ", 1), "listen.tls"},
		{strings.Replace(good, "listen: {", "listen: {tls: {}, ", 1), "listen.tls"},
		{strings.Replace(good, "listen: {", "listen: {tls: {cert: /c, key: /k}, ", 1), ""},
		{strings.Replace(good, "listen: {", "listen: {tls: {cert: /missing, key: /k}, ", 1), "listen.tls.cert"},
		{strings.Replace(good, "listen: {", "listen: {tls: {cert: /c, key: /locked}, ", 1), "listen.tls.key"},
		{strings.Replace(good, "listen: {", "listen: {tls: {cert: /c, key: /other}, ", 1), "listen.tls"},
		{strings.Replace(good, "listen: {", "listen: {tls: {cert: /key, key: /key}, ", 1), "listen.tls"},
		{strings.Replace(good, "listen: {", "listen: {trusted_proxies: [10.0.0.1], ", 1), "listen.trusted_proxies[0]"},
	} {
		config, err := parse(rule.text)
		problems := problemsOf(t, err)
		switch {
		case rule.path == "" && (len(problems) > 0 || config == nil):
			t.Errorf("%s\nis refused: %v", rule.text, err)
		case rule.path != "" && (len(problems) != 1 || problems[0].Path != rule.path):
			t.Errorf("%s\nwant one problem at %s, got: %v", rule.text, rule.path, err)
		case strings.Contains(fmt.Sprint(err), canary):
			t.Errorf("%s\nshows a secret: %v", rule.text, err)
		}
	}
}

func TestReferences(t *testing.T) {
	for text, want := range map[string]string{
		"plain":               "plain",
		"${KEY}":              canary,
		"${file:/key}":        canary,
		"a ${KEY} b ${PORT}":  "a " + canary + " b 8443",
		"$${KEY} costs $5":    "${KEY} costs $5",
		"$":                   "$",
		"${UNSET}":            "",
		"${EMPTY}":            "",
		"${file:/missing}":    "",
		"${file:/locked}":     "",
		"${file:/blank}":      "",
		"${file:}":            "",
		"${no-name}":          "",
		"${KEY":               "",
		"${}":                 "",
		"${env:KEY} and more": "",
	} {
		c, err := parse(good + "organization: {help: '" + text + "'}")
		problems := problemsOf(t, err)
		switch {
		case want == "" && (len(problems) != 1 || problems[0].Line != 4 || problems[0].Path != "organization.help"):
			t.Errorf("%s: want a problem in line 4, got %v", text, err)
		case want != "" && (err != nil || c.Organization.Help != want):
			t.Errorf("%s: got %v, %v", text, c, err)
		}
	}
}

// A rule may repeat a value in its message; what a reference stands for is
// taken out again.
func TestPromise6_RulesDoNotRepeatWhatAReferenceStandsFor(t *testing.T) {
	_, err := parse(good + `prices: {multiplier: "${KEY}", unknown: "${KEY}", overrides: [{model: m, from: "x${KEY}"}]}`)
	if len(problemsOf(t, err)) < 3 || strings.Contains(err.Error(), canary) {
		t.Errorf("got %v", err)
	}
}

func TestEverythingIsRead(t *testing.T) {
	c, err := parse(`
listen:
  address: 0.0.0.0:8443
  public_url: https://llm-gateway.example.com
  tls: {cert: /etc/tollgate/tls.crt, key: /etc/tollgate/tls.key}
  trusted_proxies: [10.0.0.0/8, "fd00::/8"]
admin:
  address: 127.0.0.1:8081
  keys: [{name: terraform, key: "${KEY}", role: write}]
data_dir: /var/lib/tollgate
store: {url: ""}
organization: {time_zone: Europe/Berlin, help: ask the platform team}
upstreams:
  - name: anthropic
    provider: anthropic
    api_key: "${file:/key}"
    headers: {x-team: "${KEY}"}
    first_byte: 2m
  - {name: second, provider: anthropic, bearer_file: /run/token, base_url: "https://proxy.example.com/anthropic"}
routes:
  - {models: ["claude-opus-*", "claude-fable-*"], upstreams: [second, anthropic]}
models:
  - {id: claude-opus-5-5, display_name: Opus 5.5, description: The large one, upstream_ids: {second: our-opus}}
prices:
  multiplier: 0.9
  unknown: highest
  overrides: [{upstream: second, model: claude-opus-5-5, input: 4.4, output: 22, cache_write_5m: 5.5, cache_write_1h: 8.8, cache_read: 0.22, from: 2026-11-01}]
limits: {max_request_bytes: 16MiB, max_header_bytes: 65536, drain: 1d}
log: {format: json, level: debug}
`)
	if err != nil {
		t.Fatal(err)
	}
	check := func(name string, got, want any) {
		t.Helper()
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s is %v, not %v", name, got, want)
		}
	}
	check("trusted_proxies", c.Listen.TrustedProxies, []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")})
	check("admin key", c.Admin.Keys[0].Key.Reveal(), canary)
	check("admin role", c.Admin.Keys[0].Role, admin.Write)
	check("tls", *c.Listen.TLS, config.TLS{Cert: "/etc/tollgate/tls.crt", Key: "/etc/tollgate/tls.key"})
	check("time zone", c.Organization.TimeZone.Location(), "Europe/Berlin")
	check("api_key", c.Upstreams[0].APIKey.Reveal(), canary)
	check("header", c.Upstreams[0].Headers["x-team"].Reveal(), canary)
	check("default base_url", c.Upstreams[0].BaseURL, "https://api.anthropic.com")
	check("first_byte", c.Upstreams[0].FirstByte, 2*time.Minute)
	check("default first_byte", c.Upstreams[1].FirstByte, 10*time.Minute)
	check("route", c.Routes[0].Upstreams, []string{"second", "anthropic"})
	check("upstream_ids", c.Models[0].UpstreamIDs["second"], "our-opus")
	check("price", c.Prices.Overrides[0].CacheRead, "0.22")
	check("from", c.Prices.Overrides[0].From, "2026-11-01")
	check("size", int64(c.Limits.MaxRequestBytes), 16<<20)
	check("drain", c.Limits.Drain, 24*time.Hour)
	check("default idle", c.Limits.Idle, 2*time.Minute)
	check("level", c.Log.Level, "DEBUG")
}

func TestDefault(t *testing.T) {
	env := map[string]string{"ANTHROPIC_API_KEY": canary, "ANTHROPIC_AUTH_TOKEN": "not looked at"}
	get := func(name string) (string, bool) { value, set := env[name]; return value, set }
	c, err := config.Default(get)
	if err != nil {
		t.Fatal(err)
	}
	if c.Listen.Address != "127.0.0.1:8080" || c.DataDir != "./tollgate-data" || len(c.Upstreams) != 1 ||
		c.Upstreams[0].APIKey.Reveal() != canary || c.Upstreams[0].BaseURL != "https://api.anthropic.com" || c.Prices.Unknown != "refuse" {
		t.Errorf("got %+v", c)
	}
	env["TOLLGATE_DATA_DIR"] = "/elsewhere"
	if c, err = config.Default(get); err != nil || c.DataDir != "/elsewhere" {
		t.Errorf("got %+v, %v", c, err)
	}
	delete(env, "ANTHROPIC_API_KEY")
	if _, err = config.Default(get); len(problemsOf(t, err)) != 1 {
		t.Errorf("without a key: %v", err)
	}
}

func TestLoadReadsTheFile(t *testing.T) {
	folder := t.TempDir()
	key, file := filepath.Join(folder, "key"), filepath.Join(folder, "tollgate.yaml")
	if err := errors.Join(os.WriteFile(key, []byte(canary+"\r\n"), 0o600),
		os.WriteFile(file, []byte(`upstreams: [{name: a, provider: anthropic, bearer: "${file:`+key+`}"}]`), 0o600)); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(file, os.LookupEnv)
	if err != nil || c.Upstreams[0].Bearer.Reveal() != canary {
		t.Errorf("got %+v, %v", c, err)
	}
	_, err = config.Load(filepath.Join(folder, "missing.yaml"), os.LookupEnv)
	if problems := problemsOf(t, err); len(problems) != 1 || problems[0].Remedy == "" {
		t.Errorf("a missing file: %v", err)
	}
}

// FuzzLoad: whatever the text, there is either a configuration or problems,
// sorted by line, and no secret among them.
func FuzzLoad(f *testing.F) {
	f.Add(good)
	files, _ := filepath.Glob("testdata/*.txtar")
	for _, file := range files {
		if archive, err := txtar.ParseFile(file); err == nil {
			f.Add(string(archive.Files[0].Data))
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		config, err := parse(text)
		problems := problemsOf(t, err)
		if (config == nil) != (len(problems) > 0) {
			t.Fatalf("config %v with problems %v", config, problems)
		}
		if !slices.IsSortedFunc(problems, func(a, b tollgate.Problem) int { return a.Line - b.Line }) {
			t.Errorf("not in the order of the file: %v", err)
		}
		if strings.Contains(fmt.Sprint(err), canary) && !strings.Contains(text, canary) {
			t.Errorf("a secret is shown: %v", err)
		}
	})
}
