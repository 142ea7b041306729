package simulator

import (
	"regexp"
	"slices"
	"strings"
)

// bedrockNames are Bedrock's ids of the models whose ids are not simply
// "anthropic." and the API's, and the profiles that there are for them.
// Source: providers.md 2.7, 2026-11-23.
var bedrockNames = map[string]struct {
	id       string
	profiles []string
}{
	"claude-opus-4-6":            {"anthropic.claude-opus-4-6-v1", []string{"global", "us", "eu", "jp", "apac"}},
	"claude-opus-4-5-20251101":   {"anthropic.claude-opus-4-5-20251101-v1:0", []string{"global", "us", "eu"}},
	"claude-opus-4-1-20250805":   {"anthropic.claude-opus-4-1-20250805-v1:0", []string{"us"}},
	"claude-sonnet-4-6":          {"anthropic.claude-sonnet-4-6", []string{"global", "us", "eu", "jp"}},
	"claude-sonnet-4-5-20250929": {"anthropic.claude-sonnet-4-5-20250929-v1:0", []string{"global", "us", "eu", "jp"}},
	"claude-sonnet-4-20250514":   {"anthropic.claude-sonnet-4-20250514-v1:0", []string{"global", "us", "eu", "apac"}},
	"claude-haiku-4-5-20251001":  {"anthropic.claude-haiku-4-5-20251001-v1:0", []string{"global", "us", "eu"}},
	"claude-3-5-haiku-20241022":  {"anthropic.claude-3-5-haiku-20241022-v1:0", []string{"us"}},
}

// onDemand are the models that are also served without a profile.
var onDemand = []string{"claude-3-5-haiku-20241022"}

// uncountable are models for which there is no CountTokens.
var uncountable = []string{"claude-fable-5-2", "claude-fable-5-1", "claude-3-5-haiku-20241022"}

// profiles are the geographies of inference profiles, and the regions from which
// each is called.
var profiles = map[string]*regexp.Regexp{
	"global": regexp.MustCompile(``),
	"us":     regexp.MustCompile(`^(us|ca)-`),
	"us-gov": regexp.MustCompile(`^us-gov-`),
	"eu":     regexp.MustCompile(`^eu-`),
	"apac":   regexp.MustCompile(`^ap-`),
	"jp":     regexp.MustCompile(`^ap-northeast-`),
	"au":     regexp.MustCompile(`^ap-southeast-`),
}

const invalidModel = "The provided model identifier is invalid."

func bedrockID(model string) string {
	if known, ok := bedrockNames[model]; ok {
		return known.id
	}
	return "anthropic." + model
}

// bedrockModel is the API's name of the model in a path, or why Bedrock would
// not serve it. region is the one that was asked, empty where nobody knows.
func bedrockModel(id, region string) (model, problem string) {
	if strings.HasPrefix(id, "arn:") {
		return arnModel(id)
	}
	profile, base, ok := strings.Cut(id, "anthropic.")
	if !ok || profile != "" && !strings.HasSuffix(profile, ".") {
		return "", invalidModel
	}
	model, ok = baseModel("anthropic." + base)
	if !ok {
		return "", invalidModel
	}
	profile = strings.TrimSuffix(profile, ".")
	if profile == "" {
		if !slices.Contains(onDemand, model) {
			return "", "Invocation of model ID " + id + " with on-demand throughput isn't supported. Retry your request with the ID or ARN of an inference profile that contains this model."
		}
		return model, ""
	}
	if !offered(model, profile) || region != "" && !profiles[profile].MatchString(region) {
		return "", invalidModel
	}
	return model, ""
}

func offered(model, profile string) bool {
	if profiles[profile] == nil {
		return false
	}
	known, ok := bedrockNames[model]
	return !ok || slices.Contains(known.profiles, profile)
}

// arnModel is the model of a profile's ARN. One that the account's owner has
// made names none: the newest is served.
func arnModel(arn string) (model, problem string) {
	kind, id, _ := strings.Cut(arn[strings.LastIndexByte(arn, ':')+1:], "/")
	if rest, ok := strings.CutPrefix(arn, "arn:aws:bedrock:"); ok && strings.Contains(rest, ":inference-profile/") {
		return bedrockModel(rest[strings.Index(rest, "inference-profile/")+len("inference-profile/"):], "")
	}
	if kind == "application-inference-profile" && id != "" {
		return cannedModel, ""
	}
	return "", invalidModel
}

var (
	revision = regexp.MustCompile(`-v\d+(:\d+)?$`)
	dated    = regexp.MustCompile(`-\d{8}$`)
)

// baseModel is the API's name of a foundation model. Of a model that is not in
// the table nobody knows a date or a revision.
func baseModel(id string) (string, bool) {
	for model, known := range bedrockNames {
		if known.id == id {
			return model, true
		}
	}
	model := strings.TrimPrefix(id, "anthropic.")
	_, alias := aliases[model]
	if _, listed := bedrockNames[model]; listed || alias || dated.MatchString(model) || revision.MatchString(model) {
		return "", false
	}
	return model, strings.HasPrefix(model, "claude-")
}

// mantleModel is the API's name of a model: Bedrock's without profile, date and
// revision. Source: providers.md 2.7, 2026-11-23.
func mantleModel(id string) (string, bool) {
	model, ok := strings.CutPrefix(id, "anthropic.")
	if !ok || dated.MatchString(model) || revision.MatchString(model) {
		return "", false
	}
	return model, true
}

// countable is the model whose tokens are to be counted: a foundation model, not
// a profile.
func countable(id string) (model, problem string) {
	model, ok := baseModel(id)
	switch {
	case !ok || !strings.HasPrefix(id, "anthropic."):
		return "", invalidModel
	case slices.Contains(uncountable, model):
		return "", "The provided model doesn't support counting tokens"
	}
	return model, ""
}
