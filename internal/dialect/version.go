package dialect

import "strings"

// Plain is the version of the Messages API that clients mean who name none, and
// for which the clouds have names of their own.
const Plain = "2023-06-01"

// Version is a call's anthropic-version as a cloud is told it: the cloud's own
// name for the plain one, and any other as it is (providers.md 1.3,
// 2026-11-23).
func Version(named, cloud string) string {
	if Neutral(named) == Plain {
		return cloud
	}
	return named
}

// Neutral is a version as the Messages API knows it, whichever cloud it was
// named to.
func Neutral(named string) string {
	if named == "" || strings.HasPrefix(named, "bedrock-") || strings.HasPrefix(named, "vertex-") {
		return Plain
	}
	return named
}
