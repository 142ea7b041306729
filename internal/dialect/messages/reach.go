package messages

import (
	"bytes"
	"slices"

	"tollgate/internal/jsonedit"
)

// Reach is what a request may consume beside its own bytes at the rates of the
// model it names. What it says errs on the side of more.
type Reach struct {
	Models []string // that may answer a part of it
	Fast   bool     // it asks for speed fast
	Images int      // of which the bytes may be fewer than the tokens
	// Beyond says that it makes the provider read what is not in its bytes: the
	// results of a tool that the provider runs, a file or a page it refers to,
	// what a container or a connected server says, the pages of a PDF, the part
	// of a conversation that the provider keeps, the prompt once more to make a
	// summary of it or to answer with another model. Whatever nobody knows here
	// is taken for such a thing.
	Beyond bool
}

// ReachOf looks at a body that Read has accepted. Of a member that stands twice
// both count: which of them the provider takes is its own affair. Source of the
// members: providers.md 1.7, 1.8, 1.10, 1.11 and 2.10, 2026-11-23.
func ReachOf(body *jsonedit.Object) Reach {
	seen := look(body.Bytes())
	reach := Reach{Images: seen.images, Beyond: seen.refers}
	note := func(model string) bool {
		reach.Models = append(reach.Models, model)
		return true
	}
	for member, err := range body.Members() {
		if err != nil {
			return reach
		}
		seen.yieldOthers(member, note)
		switch {
		case member.Is("speed"):
			speed, _ := member.Text()
			reach.Fast = reach.Fast || speed == "fast"
		case member.Is("messages"), member.Is("system"):
			reach.Beyond = reach.Beyond || seen.bringsTools(member)
		case member.Is("context_management"):
			reach.Beyond = reach.Beyond || bytes.Contains(member.Value, []byte("compact"))
		case member.Is("tools"):
			reach.Beyond = reach.Beyond || runsTools(member.Value)
		default:
			reach.Beyond = reach.Beyond || !slices.ContainsFunc(modest, member.Is)
		}
	}
	return reach
}

// modest are the members of a request that make the provider read nothing but
// their own bytes.
var modest = []string{
	"model", "max_tokens", "stream", "metadata", "tool_choice", "thinking", "output_config", "output_format",
	"stop_sequences", "temperature", "top_k", "top_p", "service_tier", "inference_geo", "cache_control",
	"safeguards", "diagnostics", "anthropic_version", "anthropic_beta",
}
