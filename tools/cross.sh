#!/usr/bin/env bash
# cross.sh: builds the gateway for every system it is released for, and vets
# it for those whose code is not the one of this machine.
set -euo pipefail

export CGO_ENABLED=0
for system in linux darwin windows; do
	GOOS=$system GOARCH=amd64 go vet ./...
	for processor in amd64 arm64; do
		GOOS=$system GOARCH=$processor go build ./...
	done
done
