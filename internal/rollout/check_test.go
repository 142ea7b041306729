package rollout

import (
	"strings"
	"testing"
)

// good is what a rollout for testGateway writes, as the inside of env.
const good = `"ANTHROPIC_BASE_URL":"https://llm-gateway.example.com","CLAUDE_CODE_API_KEY_HELPER_TTL_MS":"300000","CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY":"1",
 "CLAUDE_CODE_GATEWAY_HINT_HEADERS":"1","CLAUDE_CODE_SKIP_FAST_MODE_ORG_CHECK":"1","NODE_EXTRA_CA_CERTS":"/anywhere/tollgate-ca.pem",
 "ANTHROPIC_DEFAULT_SONNET_MODEL":"claude-sonnet-5","ANTHROPIC_DEFAULT_HAIKU_MODEL":"claude-sonnet-5"`

func TestCheck(t *testing.T) {
	for _, test := range []struct {
		name, settings string
		want           []string // kind, name and header of each finding
	}{
		{"what a rollout writes", `{"apiKeyHelper":"h","env":{` + good + `}}`, nil},
		{"comments", "\ufeff{/* a */\"apiKeyHelper\":\"h\", // b\n\"env\":{" + good + ",},}", nil},
		{"an enforced login", `{"apiKeyHelper":"h","forceLoginMethod":"console","env":{` + good + `}}`, []string{"conflict forceLoginMethod Authorization"}},
		{"two credentials", `{"apiKeyHelper":"h","env":{"ANTHROPIC_API_KEY":"tgk_x",` + good + `}}`, []string{"conflict ANTHROPIC_API_KEY, apiKeyHelper " + credentialHeaders}},
		{"no credential", `{"env":{` + strings.Replace(good, `"CLAUDE_CODE_API_KEY_HELPER_TTL_MS":"300000",`, "", 1) + `}}`, []string{"drift apiKeyHelper " + credentialHeaders}},
		{"the provider's key", `{"env":{"ANTHROPIC_API_KEY":"sk-ant-hush",` + good + `}}`, []string{"conflict ANTHROPIC_API_KEY x-api-key"}},
		{"another provider", `{"apiKeyHelper":"h","env":{"CLAUDE_CODE_USE_BEDROCK":"1",` + good + `}}`, []string{"conflict CLAUDE_CODE_USE_BEDROCK "}},
		{"replaced headers", `{"apiKeyHelper":"h","env":{"ANTHROPIC_CUSTOM_HEADERS":"X-Team: a\nAnthropic-Beta: hush",` + good + `}}`, []string{"conflict ANTHROPIC_CUSTOM_HEADERS anthropic-beta"}},
		{"no TLS", `{"apiKeyHelper":"h","env":{"NODE_TLS_REJECT_UNAUTHORIZED":"0",` + good + `}}`, []string{"conflict NODE_TLS_REJECT_UNAUTHORIZED " + credentialHeaders}},
		{"no betas", `{"apiKeyHelper":"h","env":{"CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS":"1",` + good + `}}`, []string{"drift CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS anthropic-beta"}},
		{"a model that is not served", `{"apiKeyHelper":"h","model":"claude-opus-4-1","env":{` + good + `}}`, []string{"conflict model "}},
		{"an alias", `{"apiKeyHelper":"h","model":"opus[1m]","env":{` + good + `}}`, nil},
		{"a number", `{"apiKeyHelper":"h","env":{"MAX":1,` + good + `}}`, []string{"conflict MAX "}},
		{"another address", `{"apiKeyHelper":"h","env":{` + strings.Replace(good, "https://llm-gateway.example.com", "https://u:hush@other.example/v1", 1) + `}}`, []string{"conflict ANTHROPIC_BASE_URL ", "drift ANTHROPIC_BASE_URL "}},
		{"a missing variable", `{"apiKeyHelper":"h","env":{` + strings.Replace(good, `"CLAUDE_CODE_GATEWAY_HINT_HEADERS":"1",`, "", 1) + `}}`, []string{"drift CLAUDE_CODE_GATEWAY_HINT_HEADERS x-claude-code-request-class and others beside it"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			found, err := Read([]byte(test.settings))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, each := range Check(found, testGateway(), Credential{}) {
				got = append(got, string(each.Kind)+" "+each.Name+" "+each.Header)
				if strings.Contains(each.Message+each.Remedy, "hush") {
					t.Errorf("%+v repeats what it should not", each)
				}
			}
			if strings.Join(got, "\n") != strings.Join(test.want, "\n") {
				t.Errorf("found\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(test.want, "\n"))
			}
		})
	}
}

// FuzzRead: whatever a file holds, it is read or refused.
func FuzzRead(f *testing.F) {
	for _, file := range Files(testGateway(), Credential{Helper: awkward}, Targets) {
		f.Add(file.Text)
	}
	f.Add([]byte("\xff\xfe"))
	f.Add([]byte("<plist><dict><key>a</key>"))
	f.Add([]byte(`{"a":"\`))
	f.Fuzz(func(_ *testing.T, text []byte) {
		if found, err := Read(text); err == nil {
			Check(found, testGateway(), Credential{})
		}
	})
}
