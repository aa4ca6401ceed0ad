#!/bin/sh
# Install what the browser and database tests need from Debian's packages, where we may.
# Where we may not, say what to install: those tests then skip, each with its reason.
set -u

wanted=""
command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 ||
    wanted="$wanted chromium"
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null 2>&1 ||
    wanted="$wanted postgresql"
[ -n "$wanted" ] || exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    export DEBIAN_FRONTEND=noninteractive
    # shellcheck disable=SC2086
    { apt-get update -qq && apt-get install -qq -y --no-install-recommends $wanted; } >/dev/null &&
        exit 0
fi
echo "These tests will be skipped for want of:$wanted (install them, then run again)." >&2
exit 0
