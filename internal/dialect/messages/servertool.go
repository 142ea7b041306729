package messages

import (
	"bytes"
	"regexp"
	"slices"

	"tollgate/internal/jsonedit"
)

// clientTools are the kinds of tool that run where the client is, without the
// day of their version. Every other kind is taken for one that the provider
// runs.
var clientTools = []string{"custom", "bash", "text_editor", "computer", "memory"}

// version is how the kind of a tool that the provider has described ends.
var version = regexp.MustCompile(`_\d{8}$`)

func isServerTool(kind string) bool {
	return !slices.Contains(clientTools, version.ReplaceAllString(kind, ""))
}

// runsTools says whether any tool of a list is one that the provider runs. One
// without a type is the client's own.
func runsTools(tools []byte) bool {
	for tool := range jsonedit.Elements(tools) {
		for member, err := range jsonedit.Members(tool) {
			if err != nil || !member.Is("type") {
				continue
			}
			if kind, ok := member.Text(); ok && isServerTool(kind) {
				return true
			}
		}
	}
	return false
}

// bringsTools says whether a conversation brings a tool along that the provider
// runs, as its messages may: something anywhere in it whose type has a version.
func bringsTools(conversation []byte) bool {
	name := []byte(`"type"`)
	for {
		_, rest, found := bytes.Cut(conversation, name)
		if !found {
			return false
		}
		if kind := textAfterColon(rest); version.MatchString(kind) && isServerTool(kind) {
			return true
		}
		conversation = rest
	}
}

// maxKind is more than the kind of any tool is long, in bytes.
const maxKind = 64

// textAfterColon is the short text that a member has whose name ends before
// rest, empty when it has none. It is not unescaped: what disguises finds is
// taken for the worst in any case.
func textAfterColon(rest []byte) string {
	rest, named := bytes.CutPrefix(bytes.TrimLeft(rest, " \t\r\n"), []byte{':'})
	rest, quoted := bytes.CutPrefix(bytes.TrimLeft(rest, " \t\r\n"), []byte{'"'})
	end := bytes.IndexByte(rest[:min(len(rest), maxKind)], '"')
	if !named || !quoted || end < 0 {
		return ""
	}
	return string(rest[:end])
}
