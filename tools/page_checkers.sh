#!/bin/sh
# Install what checks the pages in a browser and on paper (axe-core, html-validate) into .node, at
# the versions of tests/browser/package-lock.json. Without npm, those tests skip with this reason.
set -u

cd "$(dirname "$0")/.." || exit 1
if ! command -v npm >/dev/null 2>&1; then
    echo "The checks of accessibility will be skipped: install Node.js 20 or newer, with npm." >&2
    exit 0
fi
mkdir -p .node
if cmp -s tests/browser/package-lock.json .node/installed; then
    exit 0
fi
cp tests/browser/package.json tests/browser/package-lock.json .node/
(cd .node && npm ci --no-audit --no-fund --ignore-scripts --silent) &&
    cp tests/browser/package-lock.json .node/installed && exit 0
echo "The checks of accessibility will be skipped: npm could not install them (network?)." >&2
exit 0
