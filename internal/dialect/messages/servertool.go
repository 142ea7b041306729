package messages

import (
	"bytes"
	"slices"

	"tollgate/internal/jsonedit"
)

// clientTools are the kinds of tool that run where the client is, without the
// day of their version. Every other kind is taken for one that the provider
// runs.
var clientTools = []string{"custom", "bash", "text_editor", "computer", "memory"}

func isServerTool(kind string) bool {
	return !slices.Contains(clientTools, kind[:len(kind)-versionLength([]byte(kind))])
}

// isVersioned says whether a kind is that of a tool which the provider has
// described and runs.
func isVersioned(kind []byte) bool {
	return versionLength(kind) > 0 && isServerTool(string(kind))
}

// versionLength is how much of a kind is the day of its version, _20250305 for
// one; 0 when it has none.
func versionLength(kind []byte) int {
	const length = len("_20250305")
	if len(kind) < length || kind[len(kind)-length] != '_' {
		return 0
	}
	for _, digit := range kind[len(kind)-length+1:] {
		if digit < '0' || digit > '9' {
			return 0
		}
	}
	return length
}

// runsTools says whether any tool of a list is one that the provider runs. One
// without a type is the client's own, and what cannot be read is not.
func runsTools(tools []byte) bool {
	for member, err := range jsonedit.MembersOfElements(tools) {
		if err != nil {
			return true
		}
		if !member.Is("type") {
			continue
		}
		if kind, ok := member.Text(); ok && isServerTool(kind) {
			return true
		}
	}
	return false
}

// maxKind is more than the kind of any tool is long, in bytes.
const maxKind = 64

// textAfterColon is the short text that a member has whose name ends before
// rest, empty when it has none. It is not unescaped: what disguises finds is
// taken for the worst in any case.
func textAfterColon(rest []byte) []byte {
	rest, named := bytes.CutPrefix(bytes.TrimLeft(rest, " \t\r\n"), []byte{':'})
	rest, quoted := bytes.CutPrefix(bytes.TrimLeft(rest, " \t\r\n"), []byte{'"'})
	end := bytes.IndexByte(rest[:min(len(rest), maxKind)], '"')
	if !named || !quoted || end < 0 {
		return nil
	}
	return rest[:end]
}
