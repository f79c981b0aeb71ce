#!/bin/sh
# Writes the three lock files: every package by version and hash, for every platform and Python from 3.11.
# Needs uv. Without arguments it keeps what is locked; with --upgrade it takes the newest releases allowed.
set -eu
cd "$(dirname "$0")"

# setuptools builds the package itself, so it is locked like everything else
lock() {
    echo "setuptools>=78" | uv pip compile pyproject.toml - --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-emit-find-links --no-header --no-annotate --quiet "$@"
}

lock "$@" --output-file requirements.txt
lock "$@" --extra dev --constraint requirements.txt --output-file requirements-dev.txt

# what looks for known vulnerabilities, in an environment of its own
echo "pip-audit>=2.10" | uv pip compile - --universal --python-version 3.11 --generate-hashes \
    --no-emit-index-url --no-emit-find-links --no-header --no-annotate --quiet "$@" --output-file requirements-audit.txt
