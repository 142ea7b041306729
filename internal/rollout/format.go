package rollout

import (
	"slices"
	"strings"

	"tollgate"
)

// Format is the API that a client speaks to the gateway, and with it the door at
// which it comes in.
type Format string

// The formats.
const (
	Messages     Format = "messages"
	Bedrock      Format = "bedrock"
	Vertex       Format = "vertex"
	Foundry      Format = "foundry"
	AnthropicAWS Format = "anthropic-aws"
)

// Formats are all of them.
var Formats = []Format{Messages, Bedrock, Vertex, Foundry, AnthropicAWS}

// ParseFormat reads the name of a format. The error is Invalid.
func ParseFormat(text string) (Format, error) {
	if slices.Contains(Formats, Format(text)) {
		return Format(text), nil
	}
	return "", tollgate.Errorf(tollgate.Invalid, "%q is no format of a provider; write %s", text, join(Formats))
}

func join[T ~string](names []T) string {
	var all []string
	for _, name := range names {
		all = append(all, string(name))
	}
	return strings.Join(all, ", ")
}

// address is the variable that holds the gateway's address, and what stands
// behind the address.
var address = map[Format]struct{ variable, door string }{
	Messages:     {"ANTHROPIC_BASE_URL", ""},
	Bedrock:      {"ANTHROPIC_BEDROCK_BASE_URL", "/bedrock"},
	Vertex:       {"ANTHROPIC_VERTEX_BASE_URL", "/vertex"},
	Foundry:      {"ANTHROPIC_FOUNDRY_BASE_URL", "/foundry"},
	AnthropicAWS: {"ANTHROPIC_AWS_BASE_URL", "/anthropic-aws"},
}

// addressed is what makes a client come to the gateway's door of its format.
func (g Gateway) addressed() []Variable {
	at := address[g.Format]
	return append([]Variable{{Name: at.variable, Value: g.URL + at.door, Why: "Where Claude Code sends its requests: the gateway."}}, g.extras()...)
}

func (g Gateway) extras() []Variable {
	const unused = " The gateway asks for it because the format does, and passes it on to nobody."
	switch g.Format {
	case Bedrock:
		return []Variable{
			{Name: "CLAUDE_CODE_USE_BEDROCK", Value: "1", Why: "Requests are written in the format of Amazon Bedrock."},
			{Name: "CLAUDE_CODE_SKIP_BEDROCK_AUTH", Value: "1", Why: "Requests are not signed with a credential of AWS: the gateway has its own."},
			{Name: "AWS_REGION", Value: g.Cloud.AWSRegion, Why: "The region that the format names." + unused},
		}
	case Vertex:
		return []Variable{
			{Name: "CLAUDE_CODE_USE_VERTEX", Value: "1", Why: "Requests are written in the format of Google's Agent Platform."},
			{Name: "CLAUDE_CODE_SKIP_VERTEX_AUTH", Value: "1", Why: "No token of Google Cloud is asked for: the gateway has its own credential."},
			{Name: "ANTHROPIC_VERTEX_PROJECT_ID", Value: g.Cloud.Project, Why: "The project in the paths of the format." + unused},
			{Name: "CLOUD_ML_REGION", Value: g.Cloud.Location, Why: "The location in the paths of the format." + unused},
		}
	case Foundry:
		return []Variable{{Name: "CLAUDE_CODE_USE_FOUNDRY", Value: "1", Why: "Requests are written in the format of Microsoft Foundry."}}
	case AnthropicAWS:
		return []Variable{
			{Name: "CLAUDE_CODE_USE_ANTHROPIC_AWS", Value: "1", Why: "Requests are written in the format of Claude Platform on AWS."},
			{Name: "CLAUDE_CODE_SKIP_ANTHROPIC_AWS_AUTH", Value: "1", Why: "Requests are not signed with a credential of AWS: the gateway has its own."},
			{Name: "ANTHROPIC_AWS_WORKSPACE_ID", Value: g.Cloud.AWSWorkspace, Why: "The workspace that the format names, in the header anthropic-workspace-id." + unused},
			{Name: "AWS_REGION", Value: g.Cloud.AWSRegion, Why: "The region that the format names." + unused},
		}
	}
	return nil
}
