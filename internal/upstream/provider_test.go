package upstream

import (
	"log/slog"
	"slices"
	"testing"
	"time"

	"tollgate/internal/secret"
	"tollgate/internal/upstream/capability"
)

func TestWhereProvidersAre(t *testing.T) {
	for want, config := range map[string]Config{
		"https://bedrock-runtime.eu-central-1.amazonaws.com":                                                  {Provider: "bedrock", Region: "eu-central-1"},
		"https://bedrock-mantle.us-east-1.api.aws/anthropic":                                                  {Provider: "bedrock-mantle", Region: "us-east-1"},
		"https://aws-external-anthropic.us-east-1.api.aws":                                                    {Provider: "anthropic-aws", Region: "us-east-1", Workspace: "wrkspc_01"},
		"https://acme.services.ai.azure.com/anthropic":                                                        {Provider: "foundry", Resource: "acme", Entra: &Entra{}},
		"https://proxy.example.com/anthropic":                                                                 {Provider: "foundry", BaseURL: "https://proxy.example.com/anthropic/", APIKey: secret.New("k")},
		"https://aiplatform.googleapis.com/v1/projects/acme/locations/global/publishers/anthropic":            {Provider: "vertex", Project: "acme", Region: "global"},
		"https://aiplatform.eu.rep.googleapis.com/v1/projects/acme/locations/eu/publishers/anthropic":         {Provider: "vertex", Project: "acme", Region: "eu"},
		"https://us-east5-aiplatform.googleapis.com/v1/projects/acme/locations/us-east5/publishers/anthropic": {Provider: "vertex", Project: "acme", Region: "us-east5"},
		"https://proxy.example.com/v1/projects/example.com:acme/locations/us/publishers/anthropic":            {Provider: "vertex", Project: "example.com:acme", Region: "us", BaseURL: "https://proxy.example.com/v1"},
	} {
		config.Name = "a"
		config = config.WithDefaults()
		if problems := config.Validate(); len(problems) > 0 {
			t.Errorf("%s: %v", want, problems)
			continue
		}
		u, err := New(config, capability.NewBook(time.Now), time.Now, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		if got := u.base.String(); got != want {
			t.Errorf("%s, want %s", got, want)
		}
		if got := u.headers.Get("anthropic-workspace-id"); got != config.Workspace {
			t.Errorf("the workspace sent is %q", got)
		}
	}
}

func TestWhatProvidersNeed(t *testing.T) {
	role := func(r AssumeRole) *AssumeRole { r.RoleARN = "arn:aws:iam::123456789012:role/a"; return &r }
	key := secret.New("k")
	for _, c := range []struct {
		config Config
		paths  []string
	}{
		{Config{Provider: "bedrock"}, []string{"region"}},
		{Config{Provider: "bedrock", BaseURL: "https://x"}, []string{"region"}},
		{Config{Provider: "bedrock", Region: "../x", Project: "p"}, []string{"region", "project"}},
		{Config{Provider: "vertex"}, []string{"region", "project"}},
		{Config{Provider: "vertex", Region: "us", Project: "acme", APIKey: key}, []string{"api_key"}},
		{Config{Provider: "foundry"}, []string{"resource", ""}},
		{Config{Provider: "foundry", Resource: "a", Entra: &Entra{ClientID: "x"}}, []string{"entra"}},
		{Config{Provider: "foundry", Resource: "a", Entra: &Entra{}, APIKey: key}, []string{"entra"}},
		{Config{Provider: "anthropic-aws", APIKey: key}, []string{"region", "workspace"}},
		{Config{Provider: "anthropic", APIKey: key, Region: "us"}, []string{"region"}},
		{Config{Provider: "anthropic", Entra: &Entra{}}, []string{"entra"}},
		{Config{Provider: "bedrock", Region: "us-east-1", AWSAccessKeyID: "A"}, []string{"aws_secret_access_key"}},
		{Config{Provider: "bedrock", Region: "us-east-1", AWSSessionToken: key}, []string{"aws_access_key_id"}},
		{Config{Provider: "bedrock", Region: "us-east-1", Bearer: key, AssumeRole: role(AssumeRole{})}, []string{"assume_role"}},
		{Config{Provider: "bedrock", Region: "us-east-1", AssumeRole: &AssumeRole{SessionTags: []string{"x"}, SessionName: "a b"}}, []string{"assume_role.role_arn", "assume_role.session_name", "assume_role.session_tags[0]"}},
		{Config{Provider: "bedrock", Region: "us-east-1", AWSProfile: "p", AssumeRole: role(AssumeRole{SessionName: "team"}), InferenceProfile: "eu"}, nil},
		{Config{Provider: "bedrock", Region: "us-east-1", InferenceProfile: "mars"}, []string{"inference_profile"}},
		{Config{Provider: "bedrock", Region: "us-east-1", Headers: map[string]secret.String{"x-amz-a": key, "Anthropic-Beta": key, "x-team": key}}, []string{"headers.Anthropic-Beta", "headers.x-amz-a"}},
		{Config{Provider: "anthropic", APIKey: key, Headers: map[string]secret.String{"Anthropic-Beta": key}}, nil},
	} {
		c.config.Name = "a"
		var paths []string
		for _, problem := range c.config.WithDefaults().Validate() {
			paths = append(paths, problem.Path)
		}
		if !slices.Equal(paths, c.paths) {
			t.Errorf("%+v: %q, want %q", c.config, paths, c.paths)
		}
	}
}

// TestNothingIsAskedBeforeTheFirstRequest: making an upstream finds no credential.
func TestNothingIsAskedBeforeTheFirstRequest(t *testing.T) {
	t.Setenv("AWS_CONFIG_FILE", t.TempDir()) // which cannot be read as a file
	u, err := New(Config{Name: "a", Provider: "bedrock", Region: "us-east-1", AWSProfile: "p"}.WithDefaults(), capability.NewBook(time.Now), time.Now, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if got := u.ModelName("claude-opus-4-6"); got != "us.anthropic.claude-opus-4-6-v1" {
		t.Error(got)
	}
}
