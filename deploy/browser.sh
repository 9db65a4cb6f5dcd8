#!/bin/sh
# Find Chromium for the browser tests, or install it with the system's package manager.
set -eu
for name in chromium chromium-browser google-chrome; do
    if command -v "$name" >/dev/null 2>&1; then exit 0; fi
done
root=
[ "$(id -u)" = 0 ] || root=sudo
echo "Installing Chromium for the browser tests ..." >&2
if command -v apt-get >/dev/null 2>&1; then
    $root apt-get update -qq && $root apt-get install -y -qq chromium >/dev/null
elif command -v dnf >/dev/null 2>&1; then
    $root dnf install -y -q chromium
elif command -v brew >/dev/null 2>&1; then
    brew install --quiet --cask chromium
fi
command -v chromium >/dev/null 2>&1 || {
    echo "The browser tests need Chromium and it could not be installed here. Install it and run 'make test' again." >&2
    exit 1
}
