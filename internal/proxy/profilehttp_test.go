package proxy_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"tollgate/internal/gatewaytest"
)

// TestContract1_8_InferenceProfiles: a client in Bedrock mode finds the profiles
// of what its key may use, a page at a time, and each by its id.
func TestContract1_8_InferenceProfiles(t *testing.T) {
	gateway := gatewaytest.Start(t, gatewaytest.Options{Upstream: "http://127.0.0.1:9"})
	type page struct {
		Summaries []struct {
			ID string `json:"inferenceProfileId"`
		} `json:"inferenceProfileSummaries"`
		Next string `json:"nextToken"`
	}
	list := func(query string) (found page) {
		response, body := askModels(t, gateway, http.MethodGet, "/bedrock/inference-profiles?"+query, "Authorization", "Bearer "+gateway.Key)
		if err := json.Unmarshal(body, &found); response.StatusCode != http.StatusOK || err != nil {
			t.Fatalf("%d %s", response.StatusCode, body)
		}
		return found
	}
	all := list("type=SYSTEM_DEFINED")
	if len(all.Summaries) < 10 || all.Next != "" {
		t.Fatalf("%d profiles, and then %q", len(all.Summaries), all.Next)
	}
	first := list("maxResults=1")
	if second := list("maxResults=1&nextToken=" + url.QueryEscape(first.Next)); second.Summaries[0] != all.Summaries[1] {
		t.Errorf("the second page begins with %v", second.Summaries)
	}
	if others := list("type=APPLICATION"); len(others.Summaries) != 0 {
		t.Errorf("there are application profiles: %v", others.Summaries)
	}
	for id, want := range map[string]int{all.Summaries[0].ID: http.StatusOK, "eu.anthropic.nothing": http.StatusNotFound} {
		if response, body := askModels(t, gateway, http.MethodGet, "/bedrock/inference-profiles/"+url.PathEscape(id), "Authorization", "Bearer "+gateway.Key); response.StatusCode != want {
			t.Errorf("%s: %d %s", id, response.StatusCode, body)
		}
	}
}

// TestContract7_3_AStrangerAtACloudsDoorIsToldWhatToSet, and at that door alone.
func TestContract7_3_AStrangerAtACloudsDoorIsToldWhatToSet(t *testing.T) {
	gateway := gatewaytest.Start(t, gatewaytest.Options{Upstream: "http://127.0.0.1:9"})
	for path, want := range map[string]string{
		"/bedrock/inference-profiles": "CLAUDE_CODE_SKIP_BEDROCK_AUTH",
		"/foundry/v1/models":          "ANTHROPIC_FOUNDRY_API_KEY",
		"/anthropic-aws/v1/models":    "CLAUDE_CODE_SKIP_ANTHROPIC_AWS_AUTH",
		"/v1/models":                  "",
	} {
		const signed = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261123/eu-west-1/bedrock/aws4_request, SignedHeaders=host, Signature=00"
		response, body := askModels(t, gateway, http.MethodGet, path, "Authorization", signed)
		if told := strings.Contains(string(body), "opens nothing here"); response.StatusCode != http.StatusUnauthorized || told != (want != "") || !strings.Contains(string(body), want) {
			t.Errorf("%s: %d %s", path, response.StatusCode, body)
		}
	}
}

// TestModelsAreListedAtDoorsOfTheSameForm.
func TestModelsAreListedAtDoorsOfTheSameForm(t *testing.T) {
	gateway := gatewaytest.Start(t, gatewaytest.Options{Upstream: "http://127.0.0.1:9"})
	for _, path := range []string{"/foundry/v1/models", "/anthropic-aws/v1/models", "/foundry/v1/models/claude-opus-5-5"} {
		if response, body := askModels(t, gateway, http.MethodGet, path, "Authorization", "Bearer "+gateway.Key); response.StatusCode != http.StatusOK || !strings.Contains(string(body), `"type":"model"`) {
			t.Errorf("%s: %d %s", path, response.StatusCode, body)
		}
	}
}
