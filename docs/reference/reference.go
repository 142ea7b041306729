// Package reference carries the generated reference pages in the binary, so
// that every version prints its own. The text is for people; nothing is
// decided by it.
package reference

import _ "embed"

// Configuration is the page about the configuration file.
//
//go:embed configuration.md
var Configuration string
