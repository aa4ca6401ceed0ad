#!/bin/sh
# Install what the browser, database and PDF tests need from Debian's packages, where we may.
# Where we may not, say what to install: those tests then skip, each with its reason.
set -u

wanted=""
command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 ||
    wanted="$wanted chromium"
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null 2>&1 ||
    wanted="$wanted postgresql"
# PDF documents: libraries that lay out and embed letters, and one family of letters.
has_library() {
    ldconfig -p 2>/dev/null | grep -q "$1" || ls /usr/lib/*/"$1"* >/dev/null 2>&1
}
has_library libpango-1.0.so.0 || wanted="$wanted libpango-1.0-0"
has_library libpangoft2-1.0.so.0 || wanted="$wanted libpangoft2-1.0-0"
has_library libharfbuzz-subset.so.0 || wanted="$wanted libharfbuzz-subset0"
ls /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf >/dev/null 2>&1 || wanted="$wanted fonts-dejavu-core"
[ -n "$wanted" ] || exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    export DEBIAN_FRONTEND=noninteractive
    # shellcheck disable=SC2086
    { apt-get update -qq && apt-get install -qq -y --no-install-recommends $wanted; } >/dev/null &&
        exit 0
fi
echo "These tests will be skipped for want of:$wanted (install them, then run again)." >&2
exit 0
