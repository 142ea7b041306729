#!/bin/sh
# Installs the gateway's part of Claude Code's managed settings, on Linux, WSL or
# macOS, as root. It is a part of its own in managed-settings.d, so that a policy
# that is there already stays as it is. Run it again after a change; to undo it,
# remove the file that it names.
#
#   sudo ./install.sh          settings without a key
#   sudo ./install.sh GROUP    settings with a key: only this group may read them
#
# FOLDER names another place than the system's own, for packages and tests.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
group=${1-}

say() { printf '%s\n' "install.sh: $*" >&2; }
stop() { say "$@"; exit 1; }

case $(uname) in
Darwin) system=macos folder=${FOLDER-"/Library/Application Support/ClaudeCode"} ;;
*) system=linux folder=${FOLDER-/etc/claude-code} ;;
esac
settings=$here/$system/managed-settings.json
[ -r "$settings" ] || stop "$settings cannot be read; make the rollout for $system, or run this as the owner of that file"
[ -n "${FOLDER-}" ] || [ "$(id -u)" = 0 ] || stop "this writes to $folder and has to run as root"

if grep -q 'tgk_' "$settings"; then
	[ -n "$group" ] || stop "these settings hold a key: name the group that may read them, such as ./install.sh developers"
fi

# put FILE TARGET writes beside the target and moves it there in one step.
put() {
	umask 077
	partial=$2.partial.$$
	trap 'rm -f "$partial"' EXIT
	cp "$1" "$partial"
	if [ -n "$group" ]; then chgrp "$group" "$partial" && chmod 640 "$partial"; else chmod 644 "$partial"; fi
	mv "$partial" "$2"
	trap - EXIT
	say "wrote $2"
}

(umask 022 && mkdir -p "$folder/managed-settings.d")
if [ -f "$here/tollgate-ca.pem" ]; then (group='' && put "$here/tollgate-ca.pem" "$folder/tollgate-ca.pem"); fi
put "$settings" "$folder/managed-settings.d/50-tollgate.json"
if [ -f "$folder/managed-settings.json" ]; then say "kept $folder/managed-settings.json as it is"; fi
say "start claude and look at /status, which names the source of managed settings and the gateway's address"
