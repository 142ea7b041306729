package meter

import (
	"regexp"
	"strings"
)

// plainName reduces the spellings under which clients and clouds know one
// model to the one the provider's own API has. It drops
//   - the [1m] that the client writes behind a name to ask for a longer window,
//   - the path in front, as in an inference profile's ARN or a Google
//     resource name,
//   - the region and the vendor in front ("eu.anthropic."),
//   - the revision behind ("-v1:0"),
//
// and writes Google's "@20251101" as "-20251101". Names of another shape come
// back as they are. Source: providers.md 2, 3.1 and 7, 2026-11-23.
func plainName(name string) string {
	name = strings.TrimSpace(name)
	name = strings.TrimSuffix(name, "[1m]")
	name = name[strings.LastIndexByte(name, '/')+1:]
	if region, model, cloud := strings.Cut(name, "anthropic."); cloud && (region == "" || strings.HasSuffix(region, ".")) {
		name = model
	}
	name = revision.ReplaceAllString(name, "")
	name, date, dated := strings.Cut(name, "@")
	if dated && date != "default" && date != "latest" {
		name += "-" + date
	}
	return name
}

// revision is how Bedrock numbers what it serves under a model's name.
var revision = regexp.MustCompile(`-v\d+(:\d+)?$`)

// dateless takes the date of a snapshot off: "claude-opus-5-5-20260922" is
// "claude-opus-5-5". ok is false when there is none.
func dateless(name string) (base string, ok bool) {
	cut := len(name) - len("-20260922")
	if cut <= 0 || name[cut] != '-' || strings.Trim(name[cut+1:], "0123456789") != "" {
		return name, false
	}
	return name[:cut], true
}
