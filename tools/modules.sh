#!/usr/bin/env bash
# modules.sh FOLDER...: lints the modules beside the product's, as that is.
set -euo pipefail

tools=$PWD/tools/go.mod
for folder in "$@"; do
	(
		cd "$folder"
		go mod tidy -diff
		go vet ./...
		go tool -modfile="$tools" staticcheck ./...
	)
done
