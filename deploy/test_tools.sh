#!/bin/sh
# Find what the tests need beside Python (Chromium, pdftotext, LibreOffice), or install it with the system's package manager.
set -eu

browser() {
    for name in chromium chromium-browser google-chrome; do
        if command -v "$name" >/dev/null 2>&1; then return 0; fi
    done
    return 1
}
reader() { command -v pdftotext >/dev/null 2>&1; }
office() { command -v soffice >/dev/null 2>&1 || command -v libreoffice >/dev/null 2>&1; }

if browser && reader && office; then exit 0; fi
root=
[ "$(id -u)" = 0 ] || root=sudo
echo "Installing Chromium, poppler and LibreOffice for the tests ..." >&2
if command -v apt-get >/dev/null 2>&1; then
    $root apt-get update -qq
    browser || $root apt-get install -y -qq chromium >/dev/null
    reader || $root apt-get install -y -qq poppler-utils >/dev/null
    # 80 MB to fetch; without its windows, databases and languages
    office || $root apt-get install -y -qq --no-install-recommends \
        libreoffice-writer-nogui libreoffice-impress-nogui fonts-liberation >/dev/null
elif command -v dnf >/dev/null 2>&1; then
    $root dnf install -y -q chromium poppler-utils libreoffice-writer libreoffice-impress liberation-serif-fonts
elif command -v brew >/dev/null 2>&1; then
    brew install --quiet --cask chromium
    brew install --quiet poppler
    brew install --quiet --cask libreoffice
fi
if browser && reader && office; then exit 0; fi
echo "The tests need Chromium, pdftotext (poppler-utils) and LibreOffice (Writer, Impress) and they could not be installed here. Install them and run 'make test' again." >&2
exit 1
