#!/usr/bin/env bash
# gofumpt.sh TOOL...: fails with the list of the files that are not formatted.
# TOOL is the command that runs a pinned tool, as in "go tool -modfile=tools/go.mod".
set -euo pipefail

unformatted=$("$@" gofumpt -l .)
if [ -n "$unformatted" ]; then
	printf 'These files are not formatted; "make fmt" does it:\n%s\n' "$unformatted" >&2
	exit 1
fi
