#!/bin/sh
# Installs the desktop client without a question: install.sh [PREFIX] [PYTHON].  Run again, it updates.
# Every package is pinned by its hash (requirements-desktop.lock); nothing else is fetched.
set -eu
prefix="${1:-/opt/miss-desktop}"
python="${2:-python3}"
source="$(cd "$(dirname "$0")/../.." && pwd)"

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed." >&2; exit 1; }
"$python" -m venv "$prefix"
pip() { "$prefix/bin/python" -m pip --disable-pip-version-check --quiet "$@"; }
pip install --require-hashes -r "$source/requirements-desktop.lock"
pip install --no-deps --no-build-isolation --force-reinstall "$source"
if [ "$prefix" = /opt/miss-desktop ] && [ -d /usr/share/applications ]; then
    install -m 644 "$source/deploy/desktop/miss-desktop.desktop" /usr/share/applications/
fi
"$prefix/bin/miss-desktop" --version
