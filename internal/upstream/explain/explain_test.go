package explain_test

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"tollgate"
	"tollgate/internal/upstream/explain"
)

// answer is a provider's error, in the shapes and wordings of providers.md 1.5,
// 2.5, 3.1, 4 and 5.
type answer struct {
	provider string
	asked    tollgate.Operation
	status   int
	code     string // x-amzn-errortype
	body     string
}

func (a answer) explain() explain.Explanation {
	header := http.Header{}
	if a.code != "" {
		header.Set("X-Amzn-Errortype", a.code)
	}
	return explain.Of(a.provider, a.asked, a.status, header, []byte(a.body))
}

// TestPromise5_WhatClientsRecoverByIsKept: the model's own words, and the tokens
// for what a cloud says in their place (contract.md 4.5).
func TestPromise5_WhatClientsRecoverByIsKept(t *testing.T) {
	for name, test := range map[string]struct {
		answer
		message string
	}{
		"too long for Bedrock": {
			answer{"bedrock", tollgate.Messages, 400, "ValidationException:http://internal.amazon.com/", `{"message":"Input is too long for requested model."}`},
			"capability_rejected: prompt_too_long",
		},
		"too long, in the envelope": {
			answer{"vertex", tollgate.Messages, 400, "", `{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 250000 tokens > 200000 maximum"}}`},
			"prompt is too long: 250000 tokens > 200000 maximum",
		},
		"more to write than there is room": {
			answer{"bedrock", tollgate.Messages, 400, "", `{"message":"The model returned the following errors: input length and ` + "`max_tokens`" + ` exceed context limit: 190000 + 64000 > 200000"}`},
			"capability_rejected: max_tokens_context_overflow",
		},
		"a beta by its name": {
			answer{"bedrock", tollgate.Messages, 400, "", `{"message":"Unexpected value(s) ` + "`fast-mode-2026-02-01`" + ` for the anthropic-beta header."}`},
			"capability_rejected: beta_header:fast-mode-2026-02-01",
		},
		"a beta without a name": {
			answer{"bedrock", tollgate.Messages, 400, "", `{"message":"The model returned the following errors: invalid beta flag"}`},
			"invalid beta flag",
		},
		"a field that is not known": {
			answer{"bedrock", tollgate.Messages, 400, "", `{"message":"tools.0.custom.defer_loading: Extra inputs are not permitted"}`},
			"tools.0.custom.defer_loading: Extra inputs are not permitted",
		},
		"the signature of a thought": {
			answer{"bedrock", tollgate.Messages, 400, "", `{"message":"messages.1.content.0: Invalid ` + "`signature` in `thinking`" + ` block"}`},
			"capability_rejected: thinking_signature",
		},
		"adaptive thinking": {
			answer{"bedrock", tollgate.Messages, 400, "", `{"message":"adaptive thinking is not supported on this model"}`},
			"capability_rejected: thinking_type:adaptive",
		},
		"enabled thinking": {
			answer{"bedrock", tollgate.Messages, 400, "", `{"message":"\"thinking.type.enabled\" is not supported for this model. Use \"thinking.type.adaptive\" and \"output_config.effort\" to control thinking behavior."}`},
			"capability_rejected: thinking_type:enabled",
		},
		"effort": {
			answer{"bedrock", tollgate.Messages, 400, "", `{"message":"output_config.effort: Extra inputs are not permitted"}`},
			"capability_rejected: effort_unsupported",
		},
		"a form of the answer": {
			answer{"bedrock", tollgate.Messages, 400, "", `{"message":"output_config.format: Extra inputs are not permitted"}`},
			"capability_rejected: structured_outputs_unsupported",
		},
		"a system message in the middle": {
			answer{"bedrock", tollgate.Messages, 400, "", `{"message":"messages.3.role: Input should be 'user' or 'assistant'"}`},
			"capability_rejected: mid_conv_system",
		},
		"a member of cache_control": {
			answer{"bedrock", tollgate.Messages, 400, "", `{"message":"system.1.cache_control.scope: Extra inputs are not permitted"}`},
			"capability_rejected: cache_control_field",
		},
		"an image": {
			answer{"bedrock", tollgate.Messages, 400, "", `{"message":"messages.0.content.1.image: Could not process image"}`},
			"capability_rejected: image_block",
		},
		"a document": {
			answer{"vertex", tollgate.Messages, 400, "", `[{"error":{"code":400,"message":"This model does not support document content.","status":"INVALID_ARGUMENT"}}]`},
			"capability_rejected: document_block",
		},
		"too much of either": {
			answer{"foundry", tollgate.Messages, 413, "", `{"error":{"code":"RequestTooLarge","message":"Too many images in the request."}}`},
			"capability_rejected: media_budget",
		},
		"no profile": {
			answer{"bedrock", tollgate.Messages, 400, "", `{"message":"Invocation of model ID anthropic.claude-opus-5 with on-demand throughput isn't supported. Retry your request with the ID or ARN of an inference profile that contains this model."}`},
			"the model provider serves this model only under an inference profile, and the gateway is configured with none for it; pick another model with /model, or tell your administrator",
		},
	} {
		t.Run(name, func(t *testing.T) {
			said := test.explain()
			if said.Fault.Message != test.message {
				t.Errorf("the client is told %q, want %q", said.Fault.Message, test.message)
			}
			if said.Fault.Status != test.status {
				t.Errorf("the status is %d, want the provider's %d", said.Fault.Status, test.status)
			}
			if !strings.Contains(said.Cause, test.provider) || len(said.Cause) < len(test.provider)+2 {
				t.Errorf("the operator is told only %q", said.Cause)
			}
		})
	}
}

// TestDetailsAreKept: clients branch on them (providers.md 1.5), so they pass,
// unless they name what is the operator's.
func TestDetailsAreKept(t *testing.T) {
	body := `{"type":"error","error":{"type":"invalid_request_error","message":"no","details":%}}`
	for details, want := range map[string]string{
		`{"error_code":"tool_name_conflict"}`:                                 `{"error_code":"tool_name_conflict"}`,
		`{"error_code":"x","role":"arn:aws:iam::123456789012:role/tollgate"}`: "",
		`null`: "",
	} {
		a := answer{"anthropic-aws", tollgate.Messages, 400, "", strings.Replace(body, "%", details, 1)}
		if got := string(a.explain().Fault.Details); got != want {
			t.Errorf("of %s %q is told, want %q", details, got, want)
		}
	}
}

// TestEveryStatusIsTold: what a status comes to, whatever the cloud wrote, and
// nothing of what it wrote.
func TestEveryStatusIsTold(t *testing.T) {
	const named = `{"message":"User: arn:aws:sts::123456789012:assumed-role/gw/ada is not authorized in projects/secret-prod"}`
	for status, want := range map[int]struct {
		wire  string
		final bool
	}{
		401: {"authentication_error", true}, 402: {"billing_error", true}, 403: {"permission_error", true},
		404: {"not_found_error", true}, 408: {"timeout_error", false}, 424: {"api_error", false},
		429: {"rate_limit_error", false}, 500: {"api_error", false}, 502: {"api_error", false},
		503: {"overloaded_error", false}, 504: {"timeout_error", false}, 529: {"overloaded_error", false},
		418: {"invalid_request_error", true},
	} {
		said := answer{"bedrock", tollgate.Messages, status, "", named}.explain()
		if said.Fault.Type != want.wire || said.Final != want.final || said.Fault.Status != status {
			t.Errorf("status %d is told as %d %s, final %v", status, said.Fault.Status, said.Fault.Type, said.Final)
		}
		if strings.Contains(said.Fault.Message, "secret") || strings.Contains(said.Fault.Message, "authorized in") {
			t.Errorf("status %d quotes the provider: %s", status, said.Fault.Message)
		}
	}
}

// TestPromise5_TheGatewaysCredentialIsNotTheDevelopers: the three credentials
// are never confused in a message (contract.md 7.6).
func TestPromise5_TheGatewaysCredentialIsNotTheDevelopers(t *testing.T) {
	for _, a := range []answer{
		{"foundry", tollgate.Messages, 401, "", `{"error":{"code":"401","message":"Invalid API key"}}`},
		{"vertex", tollgate.Messages, 403, "", `[{"error":{"code":403,"message":"Permission denied on resource project p-1.","status":"PERMISSION_DENIED"}}]`},
		{"bedrock", tollgate.Messages, 403, "ExpiredTokenException", `{"message":"The security token included in the request is expired"}`},
	} {
		if said := a.explain(); !strings.Contains(said.Fault.Message, "your key is not the cause") || !said.Final {
			t.Errorf("%s %d: the client is told %q", a.provider, a.status, said.Fault.Message)
		}
	}
}

// TestTokensThatCannotBeCounted: Claude Code then finds out otherwise
// (providers.md 2.6).
func TestTokensThatCannotBeCounted(t *testing.T) {
	for _, a := range []answer{
		{"bedrock", tollgate.CountTokens, 400, "ValidationException", `{"message":"The provided model doesn't support counting tokens"}`},
		{"vertex", tollgate.CountTokens, 404, "", ``},
		{"foundry", tollgate.CountTokens, 501, "", `<html>`},
	} {
		said := a.explain()
		if said.Fault.Status != 501 || said.Fault.Type != "not_supported" || !said.Final {
			t.Errorf("%s %d is told as %d %s, final %v", a.provider, a.status, said.Fault.Status, said.Fault.Type, said.Final)
		}
	}
}

// TestMask: what is the operator's goes, and the rest stays.
func TestMask(t *testing.T) {
	for text, want := range map[string]string{
		`User: arn:aws:sts::123456789012:assumed-role/gw/ada is not authorized`: `User: [arn] is not authorized`,
		`account 123456789012 has no access`:                                    `account [account] has no access`,
		`1234567890123 ms`:                                                      `1234567890123 ms`,
		`"projects/our-prod/locations/eu"`:                                      `"[project]/locations/eu"`,
		`{"m":"projects\/our-prod\/locations"}`:                                 `{"m":"[project]\/locations"}`,
		`Vertex is not enabled in project 4711.`:                                `Vertex is not enabled in [project]`,
		`this project does not have access`:                                     `this project does not have access`,
		`/subscriptions/0a1b/resourceGroups/rg/providers/x failed`:              `/[resource] failed`,
		`https://our.services.ai.azure.com/anthropic`:                           `https://[resource]/anthropic`,
		`gw@our-prod.iam.gserviceaccount.com lacks it`:                          `[address] lacks it`,
		`claude-opus-4-5@20251101 is not there`:                                 `claude-opus-4-5@20251101 is not there`,
		`prompt is too long: 250000 tokens > 200000 maximum`:                    `prompt is too long: 250000 tokens > 200000 maximum`,
	} {
		if got := string(explain.Mask([]byte(text))); got != want {
			t.Errorf("%s\nis shown as %s\nwant        %s", text, got, want)
		}
	}
	clean := []byte("messages.0: at least one message is required")
	if got := explain.Mask(clean); &got[0] != &clean[0] {
		t.Error("a text with nothing to hide was copied")
	}
}

var (
	account = regexp.MustCompile(`(?:^|[^0-9])[0-9]{12}(?:[^0-9]|$)`)
	project = regexp.MustCompile(`projects/[a-z0-9]`)
	ofAType = regexp.MustCompile(`^[a-z_]+$`)
	token   = regexp.MustCompile(`capability_rejected: [a-z_]+(?::[a-z0-9-]+)?(?:[^A-Za-z0-9_:.-]|$)`)
)

// FuzzOf: whatever a provider answers, the client gets a sentence that is
// bounded, whole, and names nothing that is the operator's.
func FuzzOf(f *testing.F) {
	for _, body := range []string{
		``, `null`, `[]`, `[{}]`, `<html>`, `{"message":"Input is too long for requested model."}`,
		`{"Message":"User: arn:aws:iam::123456789012:user/x is not authorized"}`,
		`{"message":"Invocation of model ID arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.x with on-demand throughput isn't supported."}`,
		`{"type":"error","error":{"type":"invalid_request_error","message":"projects/p-1/locations/eu: 123456789012","details":{"error_code":"x"}}}`,
		`[{"error":{"code":429,"message":"Quota exceeded for aiplatform.googleapis.com/online_prediction_x","status":"RESOURCE_EXHAUSTED"}}]`,
		`{"error":{"code":"DeploymentNotFound","message":"Deployment not found"}}`,
		`{"message":"The model returned the following errors: invalid beta flag: a-2026-01-01"}`,
	} {
		for _, status := range []int{400, 403, 404, 413, 429, 500} {
			f.Add(status, "ValidationException", true, []byte(body))
			f.Add(status, "", false, []byte(body))
		}
	}
	f.Fuzz(func(t *testing.T, status int, code string, counts bool, body []byte) {
		a := answer{"bedrock", tollgate.Messages, status, code, string(body)}
		if counts {
			a.asked = tollgate.CountTokens
		}
		said := a.explain()
		message := said.Fault.Message
		switch {
		case message == "" || !utf8.ValidString(message) || len(message) > 8<<10 || len(said.Cause) > 10<<10:
			t.Errorf("the message is no short sentence: %q", message)
		case strings.Contains(strings.ToLower(message), "arn:aws:") || account.MatchString(message) || project.MatchString(message):
			t.Errorf("the message names what is the operator's: %q", message)
		case !ofAType.MatchString(said.Fault.Type):
			t.Errorf("the type is no word: %q", said.Fault.Type)
		case strings.HasPrefix(message, "capability_rejected: ") && !token.MatchString(message) && !strings.Contains(a.body, "capability_rejected"):
			t.Errorf("no client knows the token of %q", message)
		case said.Fault.Details != nil && !json.Valid(said.Fault.Details):
			t.Errorf("the details are not JSON: %s", said.Fault.Details)
		}
	})
}

// FuzzMask: what is masked stays as it is, and nothing is left.
func FuzzMask(f *testing.F) {
	for _, text := range []string{
		"arn:aws:iam::123456789012:role/x", "projects/p-1/x", "project 4711", "123456789012", "a@b.iam.gserviceaccount.com",
		"subscriptions/x/y", "AKIAIOSFODNN7EXAMPLE", "projects%2fx", "wrkspc_01",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		once := explain.Mask(text)
		if twice := explain.Mask(once); string(twice) != string(once) {
			t.Errorf("%q is masked as %q, and that as %q", text, once, twice)
		}
	})
}
