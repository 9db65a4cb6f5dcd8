#!/bin/sh
# Find what the tests need beside Python (Chromium, pdftotext), or install it with the system's package manager.
set -eu

browser() {
    for name in chromium chromium-browser google-chrome; do
        if command -v "$name" >/dev/null 2>&1; then return 0; fi
    done
    return 1
}
reader() { command -v pdftotext >/dev/null 2>&1; }

if browser && reader; then exit 0; fi
root=
[ "$(id -u)" = 0 ] || root=sudo
echo "Installing Chromium and poppler for the tests ..." >&2
if command -v apt-get >/dev/null 2>&1; then
    $root apt-get update -qq
    browser || $root apt-get install -y -qq chromium >/dev/null
    reader || $root apt-get install -y -qq poppler-utils >/dev/null
elif command -v dnf >/dev/null 2>&1; then
    $root dnf install -y -q chromium poppler-utils
elif command -v brew >/dev/null 2>&1; then
    brew install --quiet --cask chromium
    brew install --quiet poppler
fi
if browser && reader; then exit 0; fi
echo "The tests need Chromium and pdftotext (poppler-utils) and they could not be installed here. Install them and run 'make test' again." >&2
exit 1
