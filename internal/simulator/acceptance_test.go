package simulator

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// at is the place of a provider.
func at(t *testing.T, name Provider) place {
	t.Helper()
	for _, one := range places {
		if one.provider == name {
			return one
		}
	}
	t.Fatalf("there is no place for %s", name)
	return place{}
}

func TestBodiesThatACloudRefuses(t *testing.T) {
	p := start(t, Config{})
	tests := []struct {
		provider Provider
		more     string // members of the body
		beta     string // header
		want     string
	}{
		{Bedrock, `,"model":"claude-opus-5-5"`, "", "model: Extra inputs are not permitted"},
		{Bedrock, `,"stream":true`, "", "stream: Extra inputs are not permitted"},
		{Bedrock, `,"context_management":{}`, "", "context_management: Extra inputs"},
		{Bedrock, `,"context_management":{}`, "context-management-2025-06-27", "context_management: Extra inputs"},
		{Bedrock, `,"anthropic_beta":["brand-new-2026-11-01"]`, "", "invalid beta flag"},
		{Bedrock, `,"anthropic_beta":["prompt-caching-scope-2026-01-05"]`, "", "invalid beta flag"},
		{Bedrock, `,"cache_control":{"type":"ephemeral"}`, "", "cache_control: Extra inputs"},
		{Bedrock, `,"fallbacks":"default"`, "", "fallbacks: Extra inputs"},
		{Bedrock, `,"something_new":1`, "", "something_new: Extra inputs"},
		{Bedrock, `,"output_config":{"format":{"type":"json_schema"}}`, "", "output_config.format: Extra inputs"},
		{Bedrock, `,"tools":[{"name":"a","defer_loading":true}]`, "", "tools.0.custom.defer_loading: Extra inputs are not permitted"},
		{Bedrock, `,"tools":[{"name":"a"},{"name":"b","strict":true}]`, "", "tools.1.custom.strict: Extra inputs"},
		{Bedrock, `,"tools":[{"type":"web_search_20250305","name":"web_search"}]`, "", "tools.0: Input tag 'web_search_20250305'"},
		{Bedrock, `,"tools":[{"name":"a","cache_control":{"type":"ephemeral","scope":"global"}}]`, "", "tools.0.custom.cache_control.ephemeral.scope: Extra inputs"},
		{Bedrock, `,"system":[{"type":"text","text":"s","cache_control":{"type":"ephemeral","scope":"global"}}]`, "", "system.0.text.cache_control.ephemeral.scope: Extra inputs"},
		{Bedrock, `,"messages":[{"role":"user","content":"hi"},{"role":"system","content":"s","output_config":{}}]`, "", "messages.1.output_config: Extra inputs"},
		{Bedrock, `,"messages":[{"role":"user","content":[{"type":"image","source":{"type":"url","url":"u"}}]}]`, "", "messages.0.content.0.image.source: Input tag 'url'"},
		{Bedrock, `,"messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":[{"type":"tool_reference","tool_name":"x"}]}]}]`, "", "messages.0.content.0.tool_result.content.0: Input tag 'tool_reference'"},
		{BedrockMantle, `,"anthropic_version":"bedrock-2023-05-31"`, "", "anthropic_version: Extra inputs"},
		{BedrockMantle, `,"output_config":{"format":{"type":"json_schema"}}`, "", "output_config.format: Extra inputs"},
		{BedrockMantle, "", "prompt-caching-scope-2026-01-05", "Unexpected value(s) `prompt-caching-scope-2026-01-05` for the `anthropic-beta` header"},
		{Vertex, `,"model":"claude-opus-5-5"`, "", "model: Extra inputs"},
		{Vertex, `,"anthropic_beta":[]`, "", "anthropic_beta: Extra inputs"},
		{Vertex, `,"context_management":{}`, "", "context_management: Extra inputs"},
		{Vertex, `,"speed":"fast"`, "fast-mode-2026-02-01", "speed: Extra inputs"},
		{Vertex, "", "structured-outputs-2025-11-13", "Unexpected value(s)"},
		{Vertex, `,"tools":[{"name":"a","eager_input_streaming":true}]`, "", "tools.0.custom.eager_input_streaming: Extra inputs"},
		{Vertex, `,"thread":{"type":"create"}`, "", "thread: Extra inputs"},
		{Foundry, `,"speed":"fast"`, "", "speed: Extra inputs"},
		{Foundry, "", "compact-2026-01-12", "Unexpected value(s)"},
		{Foundry, `,"tools":[{"type":"advisor_20260301","name":"advisor"}]`, "", "tools.0: Input tag"},
		{Foundry, `,"system":[{"type":"text","text":"s","cache_control":{"type":"ephemeral","scope":"global"}}]`, "", "scope: Extra inputs"},
		{AnthropicAWS, `,"speed":"fast"`, "fast-mode-2026-02-01", "speed: Extra inputs"},
		{AnthropicAWS, `,"context_management":{}`, "", "context_management: Extra inputs"},
	}
	for _, test := range tests {
		t.Run(fmt.Sprint(test.provider, test.more, test.beta), func(t *testing.T) {
			here := at(t, test.provider)
			request := here.ask(p, false, test.more)
			if test.beta != "" {
				request.Header.Set("Anthropic-Beta", test.beta)
			}
			if response, text, err := p.ask(request); err != nil || response.StatusCode != http.StatusBadRequest || !strings.Contains(text, test.want) {
				t.Errorf("got %v, %v: %s", response, err, text)
			}
		})
	}
}

func TestBodiesThatACloudTakes(t *testing.T) {
	p := start(t, Config{})
	systemTurn := `,"messages":[{"role":"user","content":"hi"},{"role":"system","content":"s"}]`
	for _, test := range []struct {
		provider   Provider
		more, beta string
	}{
		{Bedrock, `,"anthropic_beta":["context-management-2025-06-27"],"context_management":{}`, "whatever-stands-in-the-header"},
		{Bedrock, `,"anthropic_beta":["tool-search-tool-2025-10-19"],"tools":[{"name":"a","defer_loading":true,"eager_input_streaming":true}]`, ""},
		{Bedrock, `,"output_config":{"effort":"low"},"thinking":{"type":"adaptive","display":"omitted"}` + systemTurn, ""},
		{BedrockMantle, `,"context_management":{}`, "context-management-2025-06-27"},
		{BedrockMantle, systemTurn, "claude-code-20250219,interleaved-thinking-2025-05-14"},
		{Vertex, `,"context_management":{}`, "context-management-2025-06-27"},
		{Vertex, `,"output_config":{"effort":"low"}` + systemTurn, "claude-code-20250219,interleaved-thinking-2025-05-14,web-search-2025-03-05,thinking-token-count-2026-05-13,tool-search-tool-2025-10-19,effort-2025-11-24"},
		{Foundry, `,"context_management":{},"tools":[{"name":"a","defer_loading":true}]`, "context-management-2025-06-27,advanced-tool-use-2025-11-20"},
		{AnthropicAWS, `,"context_management":{},"output_config":{"effort":"low"}`, "context-management-2025-06-27,brand-new-2026-11-01"},
	} {
		request := at(t, test.provider).ask(p, true, test.more)
		if test.beta != "" {
			request.Header.Set("Anthropic-Beta", test.beta)
		}
		if response, text, err := p.ask(request); err != nil || response.StatusCode != http.StatusOK {
			t.Errorf("%s %s: got %v, %v: %s", test.provider, test.more, response, err, text)
		}
	}
}

func TestEnvelopesOfTheClouds(t *testing.T) {
	p := start(t, Config{})
	bedrock, vertex := at(t, Bedrock), at(t, Vertex)
	plain := `{"max_tokens":9,"messages":[{"role":"user","content":"hi"}]`
	for _, test := range []struct {
		request *http.Request
		want    string
	}{
		{bedrock.post(p, bedrock.once, plain+"}"), "anthropic_version: Field required"},
		{bedrock.post(p, bedrock.once, plain+`,"anthropic_version":"2023-06-01"}`), "anthropic_version: Invalid"},
		{bedrock.post(p, "/bedrock/model/us.anthropic.claude-opus-4-6-v1/invoke", plain+`,"anthropic_version":"2026-10-21"}`), "anthropic_version: Invalid"},
		{vertex.post(p, vertex.once, plain+"}"), "anthropic_version: Field required"},
		{vertex.post(p, vertex.once, plain+`,"anthropic_version":"vertex-2023-10-16","stream":true}`), "streamRawPredict is for streams"},
	} {
		if response, text, err := p.ask(test.request); err != nil || response.StatusCode != http.StatusBadRequest || !strings.Contains(text, test.want) {
			t.Errorf("want %s, got %v, %v: %s", test.want, response, err, text)
		}
	}
}

func TestCountsTokensAtEveryProvider(t *testing.T) {
	p := start(t, Config{})
	count := `{"messages":[{"role":"user","content":"How many are we?"}],"model":"`
	inner := base64.StdEncoding.EncodeToString([]byte(`{"anthropic_version":"bedrock-2023-05-31","max_tokens":1,"messages":[{"role":"user","content":"How many are we?"}]}`))
	wrapped := `{"input":{"invokeModel":{"body":"` + inner + `"}}}`
	unbound := `{"input":{"invokeModel":{"body":"` + base64.StdEncoding.EncodeToString([]byte(`{"anthropic_version":"bedrock-2023-05-31","messages":[]}`)) + `"}}}`
	for _, test := range []struct {
		provider   Provider
		path, body string
		want       string
	}{
		{Bedrock, "/bedrock/model/anthropic.claude-opus-5-5/count-tokens", wrapped, `{"inputTokens":4}`},
		{Bedrock, "/bedrock/model/anthropic.claude-haiku-4-5-20251001-v1%3A0/count-tokens", wrapped, `{"inputTokens":4}`},
		{Bedrock, "/bedrock/model/us.anthropic.claude-opus-5-5/count-tokens", wrapped, "model identifier is invalid"},
		{Bedrock, "/bedrock/model/anthropic.claude-fable-5-2/count-tokens", wrapped, "The provided model doesn't support counting tokens"},
		{Bedrock, "/bedrock/model/anthropic.claude-opus-5-5/count-tokens", unbound, "max_tokens: Field required"},
		{Bedrock, "/bedrock/model/anthropic.claude-opus-5-5/count-tokens", count + `claude-opus-5-5"}`, "input.invokeModel.body must be"},
		{BedrockMantle, "/bedrock-mantle/v1/messages/count_tokens", count + `anthropic.claude-opus-5-5"}`, `{"input_tokens":4}`},
		{Vertex, "/vertex/v1/projects/p/locations/global/publishers/anthropic/models/count-tokens:rawPredict", count + `claude-opus-4-5@20251101","anthropic_version":"vertex-2023-10-16"}`, `{"input_tokens":4}`},
		{Foundry, "/foundry/v1/messages/count_tokens", count + `claude-opus-5-5"}`, `{"input_tokens":4}`},
		{AnthropicAWS, "/anthropic-aws/v1/messages/count_tokens", count + `claude-opus-5-5"}`, `{"input_tokens":4}`},
	} {
		if response, text, err := p.ask(at(t, test.provider).post(p, test.path, test.body)); err != nil || !strings.Contains(text, test.want) {
			t.Errorf("%s: got %v, %v: %s", test.path, response, err, text)
		}
	}
}

func TestNamesOfModels(t *testing.T) {
	none := ""
	for _, test := range []struct{ id, region, model string }{
		{"us.anthropic.claude-opus-5-5", "us-east-1", "claude-opus-5-5"},
		{"us.anthropic.claude-opus-5-5", "eu-west-1", none},
		{"eu.anthropic.claude-opus-5-5", "eu-west-1", "claude-opus-5-5"},
		{"global.anthropic.claude-opus-4-5-20251101-v1:0", "ap-south-1", "claude-opus-4-5-20251101"},
		{"apac.anthropic.claude-opus-4-5-20251101-v1:0", "ap-south-1", none},
		{"us.anthropic.claude-opus-4-5-20251101", "", none},
		{"us.anthropic.claude-opus-4-5", "", none},
		{"us.anthropic.claude-opus-5-5-v1:0", "", none},
		{"us.claude-opus-5-5", "", none},
		{"xx.anthropic.claude-opus-5-5", "", none},
		{"anthropic.claude-opus-5-5", "us-east-1", none},
		{"anthropic.claude-3-5-haiku-20241022-v1:0", "us-east-1", "claude-3-5-haiku-20241022"},
		{"claude-opus-5-5", "us-east-1", none},
		{"arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.anthropic.claude-opus-5", "", "claude-opus-5"},
		{"arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/a1b2", "", cannedModel},
		{"arn:aws:bedrock:us-east-1:111122223333:guardrail/a1b2", "", none},
	} {
		if model, problem := bedrockModel(test.id, test.region); model != test.model || (problem == "") != (model != none) {
			t.Errorf("%s in %q is %q (%s), want %q", test.id, test.region, model, problem, test.model)
		}
	}
	for id, want := range map[string]bool{"anthropic.claude-opus-5-5": true, "us.anthropic.claude-opus-5-5": false, "claude-opus-5-5": false, "anthropic.claude-haiku-4-5": true, "anthropic.claude-haiku-4-5-20251001-v1:0": false} {
		if _, ok := mantleModel(id); ok != want {
			t.Errorf("Mantle takes %s: %v, want %v", id, ok, want)
		}
	}
	for id, want := range map[string]bool{"claude-opus-5-5": true, "claude-opus-4-5@20251101": true, "claude-opus-4-5-20251101": false, "claude-opus-4-5": false, "anthropic.claude-opus-5": false, "claude-opus-4-5@latest": false} {
		if _, ok := vertexModel(id); ok != want {
			t.Errorf("Vertex takes %s: %v, want %v", id, ok, want)
		}
	}
	if served("claude-opus-5-5", "us-east5") || !served("claude-sonnet-4-6", "us-east5") || !served("claude-opus-5-5", "global") {
		t.Error("the regions of Google serve other models than they should")
	}
}

func TestDeploymentsHaveNames(t *testing.T) {
	p := start(t, Config{Cloud: Cloud{Deployments: map[string]string{"our-opus": "claude-opus-5-5"}}})
	foundry := at(t, Foundry)
	for name, status := range map[string]int{"our-opus": 200, "claude-opus-5-5": 404} {
		foundry.model = name
		response, text, err := p.ask(foundry.ask(p, false, ""))
		if err != nil || response.StatusCode != status || status == 200 && !strings.Contains(text, `"model":"claude-opus-5-5"`) {
			t.Errorf("%s: got %v, %v: %s", name, response, err, text)
		}
	}
}

func TestBodiesThatAreTooLarge(t *testing.T) {
	p := start(t, Config{Keep: 1})
	for _, test := range []struct {
		provider  Provider
		megabytes int
	}{{Bedrock, 20}, {BedrockMantle, 20}, {Vertex, 30}} {
		here := at(t, test.provider)
		for _, more := range []int{0, 1} {
			body := here.body(false, "")
			body += strings.Repeat(" ", test.megabytes<<20-len(body)+more)
			response, text, err := p.ask(here.post(p, here.once, body))
			if want := []int{200, 413}[more]; err != nil || response.StatusCode != want {
				t.Errorf("%s and %d bytes: got %v, %v: %.200s", test.provider, more, response, err, text)
			}
		}
	}
}
