package messages

import (
	"bytes"
	"slices"
	"strings"

	"tollgate/internal/jsonedit"
)

// Reach is what a request may consume beside its own bytes at the rates of the
// model it names. What it says errs on the side of more.
type Reach struct {
	Models []string // that may answer a part of it
	Fast   bool     // it asks for speed fast
	// Beyond says that it makes the provider read what is not in its bytes: the
	// results of a tool that the provider runs, a file or a page it refers to,
	// what a container or a connected server says, the pages of a PDF, the
	// prompt once more to make a summary of it.
	Beyond bool
}

// ReachOf looks at a body that Read has accepted. Source of the members:
// providers.md 1.7, 1.8 and 1.11, 2026-11-23.
func ReachOf(body []byte) Reach {
	reach := Reach{Models: slices.Collect(OtherModels(body)), Beyond: refers(body)}
	for member, err := range jsonedit.Members(body) {
		switch {
		case err != nil:
			return reach
		case member.Is("speed"):
			speed, _ := member.Text()
			reach.Fast = speed == "fast"
		case member.Is("mcp_servers"), member.Is("container"), member.Is("fallbacks"):
			reach.Beyond = true
		case member.Is("context_management"):
			reach.Beyond = reach.Beyond || bytes.Contains(member.Value, []byte("compact"))
		case member.Is("tools"):
			reach.Beyond = reach.Beyond || runsTools(member.Value)
		}
	}
	return reach
}

// clientTools are the kinds of tool that run where the client is. Every other
// kind is taken for one that the provider runs.
var clientTools = []string{"custom", "bash_", "text_editor_", "computer_", "memory_", "tool_search_tool_"}

// runsTools says whether any tool of a list is one that the provider runs.
func runsTools(tools []byte) bool {
	for tool := range jsonedit.Elements(tools) {
		if len(tool) == 0 || tool[0] != '{' {
			continue
		}
		member, found := jsonedit.Find(tool, "type")
		if !found {
			continue
		}
		kind, _ := member.Text()
		if !slices.ContainsFunc(clientTools, func(known string) bool { return strings.HasPrefix(kind, known) }) {
			return true
		}
	}
	return false
}

// refers says whether anything in the body may name a page or a file, or be a
// document: a value "url", a member "file_id", the type of a PDF, or a letter in disguise, with which either could
// be written otherwise.
func refers(body []byte) bool {
	return bytes.Contains(body, []byte(`"file_id"`)) || bytes.Contains(body, []byte("application/pdf")) || hasValue(body, []byte(`"url"`)) || disguises(body)
}

// hasValue says whether a text stands where a member's value stands.
func hasValue(body, text []byte) bool {
	for at := 0; ; {
		next := bytes.Index(body[at:], text)
		if next < 0 {
			return false
		}
		before := bytes.TrimRight(body[:at+next], " \t\r\n")
		if len(before) > 0 && before[len(before)-1] == ':' {
			return true
		}
		at += next + len(text)
	}
}

// disguises says whether a letter or an underscore is written by its number.
func disguises(body []byte) bool {
	escape := []byte(`\u00`)
	for at := bytes.Index(body, escape); at >= 0; {
		code := body[at+len(escape):]
		if len(code) > 0 && code[0] >= '4' && code[0] <= '7' {
			return true
		}
		next := bytes.Index(code, escape)
		if next < 0 {
			break
		}
		at += len(escape) + next
	}
	return false
}
