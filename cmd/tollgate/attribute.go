package main

import (
	"strings"

	"tollgate"
	"tollgate/internal/store"
)

// attributeHelp names what --where and --by take.
func attributeHelp() string {
	return "\n\nAttributes for --where:\n" + wrapped(tollgate.Attributes())
}

// byHelp is attributeHelp for a report.
func byHelp() string {
	return "\n\nAttributes for --by and --where:\n" + wrapped(tollgate.Attributes()) +
		"\n\nFor --by also, in the report's time zone, with weeks that begin on Monday:\n" + wrapped(store.Buckets())
}

// wrapped sets words in lines of a readable width.
func wrapped(words []string) string {
	const width = 90
	var text strings.Builder
	line := 0
	for i, word := range words {
		if i < len(words)-1 {
			word += ","
		}
		if line == 0 || line+1+len(word) > width {
			text.WriteString("\n  " + word)
			line = len(word)
		} else {
			text.WriteString(" " + word)
			line += 1 + len(word)
		}
	}
	return strings.TrimPrefix(text.String(), "\n")
}
