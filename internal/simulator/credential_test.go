package simulator

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

func TestSignaturesAreComputedAnew(t *testing.T) {
	p := start(t, Config{Cloud: Cloud{Region: "us-east-1"}})
	key := aws.Credentials{AccessKeyID: DefaultCloud.AccessKeyID, SecretAccessKey: DefaultCloud.SecretAccessKey}
	type signed struct {
		service, region string
		at              time.Duration
		with            aws.Credentials
	}
	for _, test := range []struct {
		name   string
		sign   func(*signed)
		tamper func(*http.Request)
		code   string // empty: it is let through
	}{
		{name: "as it should be"},
		{name: "a colon in the path", tamper: nil, sign: func(*signed) {}},
		{name: "wrong secret", sign: func(s *signed) { s.with.SecretAccessKey = "other" }, code: "InvalidSignatureException"},
		{name: "unknown key", sign: func(s *signed) { s.with.AccessKeyID = "AKIAOTHER" }, code: "UnrecognizedClientException"},
		{name: "a session that is none", sign: func(s *signed) { s.with.SessionToken = "token" }, code: "UnrecognizedClientException"},
		{name: "another service", sign: func(s *signed) { s.service = "bedrock-mantle" }, code: "InvalidSignatureException"},
		{name: "another region", sign: func(s *signed) { s.region = "eu-west-1" }, code: "InvalidSignatureException"},
		{name: "a clock that is slow", sign: func(s *signed) { s.at = -6 * time.Minute }, code: "InvalidSignatureException"},
		{name: "a clock that is fast", sign: func(s *signed) { s.at = 6 * time.Minute }, code: "InvalidSignatureException"},
		{name: "another body", tamper: func(r *http.Request) {
			text, _ := io.ReadAll(r.Body)
			text = bytes.Replace(text, []byte("hi"), []byte("ho"), 1)
			r.Body = io.NopCloser(bytes.NewReader(text))
		}, code: "InvalidSignatureException"},
		{name: "another path", tamper: func(r *http.Request) { r.URL.Path = strings.Replace(r.URL.Path, "us.", "global.", 1) }, code: "InvalidSignatureException"},
		{name: "a path that is escaped otherwise", tamper: func(r *http.Request) { r.URL.RawPath = strings.Replace(r.URL.Path, ".", "%2E", 1) }, code: "InvalidSignatureException"},
		{name: "a query", tamper: func(r *http.Request) { r.URL.RawQuery = "beta=true" }, code: "InvalidSignatureException"},
		{name: "another host", tamper: func(r *http.Request) { r.Host = "elsewhere.example" }, code: "InvalidSignatureException"},
		{name: "a header beside the signature", tamper: func(r *http.Request) { r.Header.Set("X-Amz-Meta", "1") }, code: "InvalidSignatureException"},
		{name: "a digest of something else", tamper: func(r *http.Request) { r.Header.Set("X-Amz-Content-Sha256", "00") }, code: "InvalidSignatureException"},
		{name: "another day", tamper: func(r *http.Request) { r.Header.Set("X-Amz-Date", "20010101T000000Z") }, code: "IncompleteSignatureException"},
		{name: "half a signature", tamper: func(r *http.Request) { r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=a/b/c") }, code: "IncompleteSignatureException"},
		{name: "no signature", tamper: func(r *http.Request) { r.Header.Del("Authorization") }, code: "MissingAuthenticationTokenException"},
	} {
		t.Run(test.name, func(t *testing.T) {
			here := at(t, Bedrock)
			s := signed{"bedrock", "us-east-1", 0, key}
			if test.sign != nil {
				test.sign(&s)
			}
			body := here.body(false, "")
			request := p.request("POST", "/bedrock/model/us.anthropic.claude-opus-4-5-20251101-v1:0/invoke", body)
			request.Header.Del("X-Api-Key")
			sign(t, request, body, s.service, s.region, time.Now().Add(s.at), s.with)
			if test.tamper != nil {
				test.tamper(request)
			}
			response, text, err := p.ask(request)
			if err != nil {
				t.Fatal(err)
			}
			code, _, _ := strings.Cut(response.Header.Get("X-Amzn-Errortype"), ":")
			if code != test.code || (response.StatusCode == http.StatusForbidden) != (test.code != "") {
				t.Errorf("got %d %s: %s", response.StatusCode, code, text)
			}
		})
	}
}

func TestEscapedPathsAndQueriesAreSigned(t *testing.T) {
	p := start(t, Config{})
	here := at(t, Bedrock)
	for _, path := range []string{
		"/model/us.anthropic.claude-opus-4-5-20251101-v1%3A0/invoke",
		"/bedrock/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A111122223333%3Ainference-profile%2Fus.anthropic.claude-opus-5/invoke",
		"/bedrock/model/us.anthropic.claude-opus-5-5/invoke?b=2&a=x%20y&a=%7E",
	} {
		if response, text, err := p.ask(here.post(p, path, here.body(false, ""))); err != nil || response.StatusCode != http.StatusOK {
			t.Errorf("%s: got %v, %v: %s", path, response, err, text)
		}
	}
}

func TestKeysOfTheClouds(t *testing.T) {
	p := start(t, Config{Keys: []string{"good"}})
	for _, test := range []struct {
		provider      Provider
		header, value string
		status        int
		body          string // of a refusal
	}{
		{Bedrock, "Authorization", "Bearer good", 200, ""},
		{Bedrock, "Authorization", "Bearer bad", 403, `{"message":"`},
		{Bedrock, "X-Api-Key", "good", 403, `{"message":"`},
		{BedrockMantle, "Authorization", "Bearer good", 200, ""},
		{BedrockMantle, "X-Api-Key", "good", 200, ""},
		{BedrockMantle, "X-Api-Key", "bad", 403, `{"message":"`},
		{Vertex, "Authorization", "Bearer good", 200, ""},
		{Vertex, "Authorization", "Bearer bad", 401, `"status":"UNAUTHENTICATED"`},
		{Vertex, "X-Api-Key", "good", 401, `"status":"UNAUTHENTICATED"`},
		{Foundry, "Authorization", "Bearer good", 200, ""},
		{Foundry, "X-Api-Key", "good", 200, ""},
		{Foundry, "Api-Key", "good", 200, ""},
		{Foundry, "Api-Key", "bad", 401, `{"error":{"code":"401","message":`},
		{AnthropicAWS, "X-Api-Key", "good", 200, ""},
		{AnthropicAWS, "Authorization", "Bearer good", 200, ""},
		{AnthropicAWS, "Authorization", "Bearer bad", 403, `{"message":"`},
	} {
		here := at(t, test.provider)
		here.service = ""
		path := here.stream // under the provider's own prefix: nothing is signed
		if test.provider == Vertex {
			path = strings.Replace(path, "streamRawPredict", "rawPredict", 1)
		}
		request := here.post(p, strings.TrimSuffix(path, "-with-response-stream"), here.body(false, ""))
		request.Header.Del("Authorization")
		request.Header.Set(test.header, test.value)
		if response, text, err := p.ask(request); err != nil || response.StatusCode != test.status || !strings.Contains(text, test.body) {
			t.Errorf("%s with %s %s: got %v, %v: %s", test.provider, test.header, test.value, response, err, text)
		}
	}
}

func TestWorkspaceIsNamed(t *testing.T) {
	p := start(t, Config{Cloud: Cloud{Workspace: "wrkspc_01"}})
	for named, status := range map[string]int{"wrkspc_01": 200, "wrkspc_02": 403, "": 400} {
		here := at(t, AnthropicAWS)
		here.header = map[string]string{"Anthropic-Workspace-Id": named}
		if response, text, err := p.ask(here.ask(p, false, "")); err != nil || response.StatusCode != status {
			t.Errorf("%q: got %v, %v: %s", named, response, err, text)
		}
	}
}

func TestProjectAndLocationAreTheAccounts(t *testing.T) {
	p := start(t, Config{Cloud: Cloud{Project: "acme", Location: "global"}})
	here := at(t, Vertex)
	for path, status := range map[string]int{
		"/v1/projects/acme/locations/global/publishers/anthropic/models/claude-opus-5-5:rawPredict":  200,
		"/v1/projects/other/locations/global/publishers/anthropic/models/claude-opus-5-5:rawPredict": 404,
		"/v1/projects/acme/locations/us/publishers/anthropic/models/claude-opus-5-5:rawPredict":      404,
		"/v1/projects/acme/locations/global/publishers/anthropic/models/claude-opus-5-5:predict":     404,
	} {
		if response, text, err := p.ask(here.post(p, path, here.body(false, ""))); err != nil || response.StatusCode != status {
			t.Errorf("%s: got %v, %v: %s", path, response, err, text)
		}
	}
}

func TestVersionHeaderIsNeededWhereTheBodyHasNone(t *testing.T) {
	p := start(t, Config{})
	for _, name := range []Provider{BedrockMantle, Foundry, AnthropicAWS} {
		here := at(t, name)
		here.header = map[string]string{"Anthropic-Version": "", "Anthropic-Workspace-Id": "wrkspc_01"}
		if response, text, err := p.ask(here.ask(p, false, "")); err != nil || response.StatusCode != http.StatusBadRequest {
			t.Errorf("%s: got %v, %v: %s", name, response, err, text)
		}
	}
}
