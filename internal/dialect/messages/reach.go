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
func ReachOf(body []byte) Reach {
	reach := Reach{Images: countValues(body, []byte(`"image"`)), Beyond: refers(body)}
	note := func(model string) bool {
		reach.Models = append(reach.Models, model)
		return true
	}
	for member, err := range jsonedit.Members(body) {
		if err != nil {
			return reach
		}
		yieldOthers(member, note)
		switch {
		case member.Is("speed"):
			speed, _ := member.Text()
			reach.Fast = reach.Fast || speed == "fast"
		case member.Is("messages"), member.Is("system"):
			reach.Beyond = reach.Beyond || bringsTools(member.Value)
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

// refers says whether anything in the body may name a page or a file, or be a
// document of pages.
func refers(body []byte) bool {
	return bytes.Contains(body, []byte(`"file_id"`)) || countValues(body, []byte(`"url"`)) > 0 || hasPDF(body) || disguises(body)
}

// hasPDF says whether the type of a PDF is there, in one of the four ways in
// which its stroke can be written. Of its letters disguises knows.
func hasPDF(body []byte) bool {
	if !bytes.Contains(body, []byte("pdf")) {
		return false
	}
	for _, stroke := range []string{`/`, `\/`, `\u002f`, `\u002F`} {
		if bytes.Contains(body, []byte("application"+stroke+"pdf")) {
			return true
		}
	}
	return false
}

// countValues is how often a text stands where a member's value stands.
func countValues(body, text []byte) (n int) {
	for at := 0; ; {
		next := bytes.Index(body[at:], text)
		if next < 0 {
			return n
		}
		before := bytes.TrimRight(body[:at+next], " \t\r\n")
		if len(before) > 0 && before[len(before)-1] == ':' {
			n++
		}
		at += next + len(text)
	}
}

// disguises says whether a letter, a digit or an underscore is written by its
// number, so that a name could be written otherwise than it is looked for.
func disguises(body []byte) bool {
	escape := []byte(`\u00`)
	for at := 0; ; {
		next := bytes.Index(body[at:], escape)
		if next < 0 {
			return false
		}
		before := body[:at+next]
		at += next + len(escape)
		if backslashes := len(before) - len(bytes.TrimRight(before, `\`)); backslashes%2 == 0 && standsForWord(body[at:]) {
			return true
		}
	}
}

// standsForWord says whether a hexadecimal number begins with the two digits of
// a letter, a digit or an underscore, or of what stands between them.
func standsForWord(number []byte) bool {
	if len(number) < 2 {
		return false
	}
	return number[0] >= '4' && number[0] <= '7' || number[0] == '3' && number[1] <= '9'
}
