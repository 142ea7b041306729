package dialect

import (
	"net/url"
	"strings"
)

// unknown is what a model is asked for as whose name would lead elsewhere. The
// provider answers that there is none.
const unknown = "unknown-model"

// Segment is a model's name as one segment of a path, escaped. A colon stays as
// it is, which the clouds take either way (providers.md 2.2, 2026-11-23); a
// slash does not, as in ARNs. A name that a reader of paths might take for a way,
// which is one with an empty part or a part of dots, is not passed on.
func Segment(model string) string {
	for part := range strings.SplitSeq(model, "/") {
		if part, _, _ = strings.Cut(part, ";"); part == "" || part == "." || part == ".." {
			return unknown
		}
	}
	return url.PathEscape(model)
}
