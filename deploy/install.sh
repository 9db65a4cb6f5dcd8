#!/bin/sh
# Install one lock file into .venv, making the virtual environment first where needed.
# Usage: sh deploy/install.sh requirements.lock
set -eu
lock=$1

say() { printf '%s\n' "$*" >&2; }

# The newest Python of 3.11 to 3.13 that runs here; PY names another.
find_python() {
    for candidate in ${PY:-} python3.13 python3.12 python3.11 python3; do
        if "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    say "Python 3.11, 3.12 or 3.13 is needed and none was found. Install it (apt-get install python3) and run again."
    exit 1
}

# Debian and Ubuntu keep venv in a package of its own.
install_venv_package() {
    command -v apt-get >/dev/null || return 1
    version=$("$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    root=
    [ "$(id -u)" = 0 ] || root=sudo
    say "Installing python3-venv with apt-get ..."
    $root apt-get update -qq && $root apt-get install -y -qq "python$version-venv" >/dev/null
}

if ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    python=$(find_python)
    say "1/2 Making the virtual environment .venv with $($python --version) ..."
    rm -rf .venv
    if ! "$python" -m venv .venv >/dev/null 2>&1; then
        rm -rf .venv
        install_venv_package "$python" && "$python" -m venv .venv || {
            say "A virtual environment could not be made. Install the package python3-venv and run again."
            exit 1
        }
    fi
fi

say "2/2 Installing the libraries of $lock (first time: one to two minutes) ..."
if command -v uv >/dev/null 2>&1; then
    uv pip install -q --python .venv/bin/python --require-hashes -r "$lock"
else
    .venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r "$lock"
fi
