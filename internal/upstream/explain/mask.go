package explain

import "regexp"

// hidden is what belongs to the operator, and what is said in its place.
type hidden struct {
	found *regexp.Regexp
	said  []byte
}

const uuid = `[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}`

// inName are the bytes of a path as it stands in a sentence or in a JSON string,
// where a slash may be escaped.
const inName = `(?:\\/|[^\s"'\\,;)<>\x60\[\]{}])`

// secrets are tried in order: what holds others first.
var secrets = []hidden{
	{regexp.MustCompile(`(?i)arn:aws[a-z-]*:` + inName + `*`), []byte("[arn]")},
	{regexp.MustCompile(`(?i)subscriptions(?:\\?/|%2f)` + inName + `+`), []byte("[resource]")},
	{regexp.MustCompile(`(?i)\b[a-z0-9-]+\.(?:services\.ai|openai|cognitiveservices)\.azure\.com`), []byte("[resource]")},
	{regexp.MustCompile(`(?i)projects(?:\\?/|%2f)+(?:[^\s"'\\,;)<>/\[\]{}%]|%[013-9a-f])+`), []byte("[project]")},
	{regexp.MustCompile(`(?i)\bproject(?:[_ ]?(?:id|number))?[ :=]+\\?["'\x60]?[a-z0-9_]*[0-9-][a-z0-9_.:-]*`), []byte("[project]")},
	{regexp.MustCompile(`(?i)\bresource[ :=]+\\?["'\x60]?[a-z0-9]*[0-9-][a-z0-9-]*`), []byte("[resource]")},
	{regexp.MustCompile(`(?i)\b(?:tenant|subscription|client|application|app|object|principal|directory)(?:[ _-]?id)?\\?["'\x60]?[ :=]+\\?["'\x60]?` + uuid), []byte("[resource]")},
	{regexp.MustCompile(`(?i)[a-z0-9._%+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}`), []byte("[address]")},
	{regexp.MustCompile(`\b(?:AKIA|ASIA|AROA|AIDA|AGPA|ANPA)[A-Z0-9]{12,}`), []byte("[identity]")},
	{regexp.MustCompile(`\bvpce-[0-9a-f]{8,}[a-z0-9.-]*`), []byte("[resource]")},
	{regexp.MustCompile(`\bwrkspc_[A-Za-z0-9]+`), []byte("[workspace]")},
}

var digits = regexp.MustCompile(`[0-9]{12,}`)

// Mask replaces in a provider's words what names an account, a role, a project
// or a resource of the operator's. Text without any comes back as it is.
func Mask(text []byte) []byte {
	for _, each := range secrets {
		if each.found.Match(text) {
			text = each.found.ReplaceAll(text, each.said)
		}
	}
	if digits.Match(text) {
		text = digits.ReplaceAllFunc(text, maskAccount)
	}
	return text
}

// maskAccount hides a number if it is as long as an AWS account's.
func maskAccount(number []byte) []byte {
	if len(number) == 12 {
		return []byte("[account]")
	}
	return number
}
