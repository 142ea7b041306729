package naming

import "strings"

// model is what is known of one model's names beside its base.
type model struct {
	base     string
	snapshot string   // the date of its only one; empty: its id has none
	revision string   // Bedrock's
	profiles []string // Bedrock's, that are documented
}

// models are those whose names do not follow from their base. Source:
// providers.md 2.7 and 3.1, 2026-11-23; Opus 4 is not in Amazon's table any more
// and is named after the pattern of Opus 4.1.
var models = [...]model{
	{base: "claude-opus-4-6", revision: "-v1", profiles: []string{"global", "us", "eu", "jp", "apac"}},
	{base: "claude-opus-4-5", snapshot: "20251101", revision: "-v1:0", profiles: []string{"global", "us", "eu"}},
	{base: "claude-opus-4-1", snapshot: "20250805", revision: "-v1:0", profiles: []string{"us"}},
	{base: "claude-opus-4", snapshot: "20250514", revision: "-v1:0", profiles: []string{"us"}},
	{base: "claude-sonnet-4-6", profiles: []string{"global", "us", "eu", "jp"}},
	{base: "claude-sonnet-4-5", snapshot: "20250929", revision: "-v1:0", profiles: []string{"global", "us", "eu", "jp"}},
	{base: "claude-sonnet-4", snapshot: "20250514", revision: "-v1:0", profiles: []string{"global", "us", "eu", "apac"}},
	{base: "claude-haiku-4-5", snapshot: "20251001", revision: "-v1:0", profiles: []string{"global", "us", "eu"}},
	{base: "claude-3-5-haiku", snapshot: "20241022", revision: "-v1:0", profiles: []string{"us"}},
	{base: "claude-fable-5-1", profiles: []string{"global", "us"}}, // outside global in us-east-1 only
}

// newest is every model that is not in the list: no date, no revision, the
// profiles of Amazon's table of regions.
var newest = []string{"global", "us", "eu", "jp", "au"}

func find(base string) model {
	for _, known := range models {
		if known.base == base {
			return known
		}
	}
	return model{base: base, profiles: newest}
}

// near are the profiles that serve a region, the closest first. Source:
// providers.md 2.7, 2026-11-23.
func near(region string) []string {
	switch geography, _, _ := strings.Cut(region, "-"); {
	case region == "ap-northeast-1":
		return []string{"jp", "apac", "global"}
	case region == "ap-southeast-2":
		return []string{"au", "apac", "global"}
	case strings.HasPrefix(region, "us-gov-"):
		return []string{"us-gov"}
	case geography == "us", geography == "eu":
		return []string{geography, "global"}
	case geography == "ap":
		return []string{"apac", "global"}
	}
	return []string{"global"}
}
