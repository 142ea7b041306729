#!/usr/bin/env bash
# need.sh COMMAND PACKAGE...: makes sure that COMMAND is there, installing the
# Debian packages that bring it where that is allowed, and otherwise saying
# what to install.
set -euo pipefail

command=$1
shift
if command -v "$command" >/dev/null; then
	exit 0
fi

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
	echo "need.sh: $command is missing. Install it (Debian: sudo apt-get install $*) and try again." >&2
	exit 1
fi

echo "need.sh: $command is missing, installing $*" >&2
export DEBIAN_FRONTEND=noninteractive

# One of several package sources may be away for a moment or for good; what is
# needed may be had from the others, or by the lists of before.
for attempt in 1 2 3; do
	if apt-get update -qq >&2; then
		break
	fi
	echo "need.sh: apt-get update failed, $attempt of 3 times" >&2
done
if ! apt-get install -qq -y --no-install-recommends "$@" >&2 || ! command -v "$command" >/dev/null; then
	echo "need.sh: $command is missing and could not be installed; apt-get says why above. Install it (Debian: apt-get install $*) and try again." >&2
	exit 1
fi
