package tollgate

import (
	"regexp"
	"strings"
)

// ModelName is the name of a model, taken apart. Access rules, routes, budgets
// and prices all read names with ParseModel, so that a model is one model under
// each of its spellings.
type ModelName struct {
	// Base is the name without everything below: "claude-opus-4-5".
	Base string
	// Date is the day of its snapshot, "20251101", empty where the name has none.
	Date string
	// Profile is the geography of a Bedrock inference profile, "eu" or "global",
	// empty where the name has none.
	Profile string
}

// ParseModel takes apart any spelling under which clients and clouds know a
// model: an id or an alias of the Messages API, with or without the client's
// own suffix [1m]; Bedrock's ("eu.anthropic.claude-opus-4-5-20251101-v1:0", also
// at the end of an ARN); Google's ("claude-opus-4-5@20251101", also at the end
// of a resource name). A name of another shape is its own Base.
// Source: providers.md 2.7, 3.1 and 7, 2026-11-23.
func ParseModel(name string) ModelName {
	name = BareModel(strings.TrimSpace(name))
	name = name[strings.LastIndexByte(name, '/')+1:]
	var parsed ModelName
	if region, model, cloud := strings.Cut(name, "anthropic."); cloud && (region == "" || strings.HasSuffix(region, ".")) {
		parsed.Profile, name = strings.TrimSuffix(region, "."), model
	}
	name = modelRevision.ReplaceAllString(name, "")
	name, parsed.Date, _ = strings.Cut(name, "@")
	if parsed.Date == "default" || parsed.Date == "latest" {
		parsed.Date = ""
	}
	if found := modelDate.FindStringSubmatchIndex(name); found != nil && parsed.Date == "" {
		name, parsed.Date = name[:found[0]], name[found[2]:found[3]]
	}
	parsed.Base = name
	return parsed
}

// String is the model's name as the Messages API spells it.
func (n ModelName) String() string {
	if n.Date == "" {
		return n.Base
	}
	return n.Base + "-" + n.Date
}

// modelRevision is how Bedrock numbers what it serves under a model's name.
var modelRevision = regexp.MustCompile(`-v\d+(:\d+)?$`)

var modelDate = regexp.MustCompile(`-(\d{8})$`)
