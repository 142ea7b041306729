#!/bin/sh
# Installs the real client, pinned, into a folder that git ignores, for the
# tests beside this script. Does nothing when it is there already. Where npm
# cannot be reached it says so and ends well, since the tests then skip.
set -u
version=2.1.330
here=$(cd "$(dirname "$0")" && pwd)
folder=$here/../.cache/claude-code/$version
client=$folder/node_modules/@anthropic-ai/claude-code/bin/claude.exe

[ -x "$client" ] && exit 0

skip() {
	cat >&2 <<BANNER
************************************************************************
*  THE REAL CLIENT IS NOT TESTED: $1
*  npm could not install @anthropic-ai/claude-code $version.
*  Everything else is tested. Run clienttest/install.sh to try again.
************************************************************************
BANNER
	rm -rf "$folder.partial"
	exit 0
}

command -v npm >/dev/null 2>&1 || skip "there is no npm here"
rm -rf "$folder.partial"
mkdir -p "$folder.partial" || skip "its folder cannot be made"
echo "Installing Claude Code $version for the client test (once, about 360 MB)…" >&2
npm install --prefix "$folder.partial" --no-audit --no-fund --no-save --loglevel=error --fetch-retries=1 --fetch-timeout=60000 \
	"@anthropic-ai/claude-code@$version" >&2 || skip "npm failed, see above"
[ -x "$folder.partial/node_modules/@anthropic-ai/claude-code/bin/claude.exe" ] || skip "the package has no program for this machine"
rm -rf "$folder"
mv "$folder.partial" "$folder"
