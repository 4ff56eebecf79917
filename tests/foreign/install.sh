#!/usr/bin/env bash
# Puts the programs that others wrote to test such services into .tools: Python ones into .tools/python, a linter for
# OpenAPI into .tools/lint. Does nothing when the versions named here are there.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
wanted=$root/tests/foreign/requirements.txt
python=$root/.tools/python
lint=$root/.tools/lint
redocly=2.77.0

if ! cmp -s "$wanted" "$python/installed.txt"; then
    python3 -c 'import ensurepip, venv' 2>/dev/null || "$root/.ci/install-packages" python3 python3-venv
    rm -rf "$python"
    python3 -m venv "$python"
    "$python/bin/pip" install --quiet --disable-pip-version-check --requirement "$wanted"
    cp "$wanted" "$python/installed.txt"
fi

if [ "$(cat "$lint/installed.txt" 2>/dev/null)" != "$redocly" ]; then
    command -v npm >/dev/null || "$root/.ci/install-packages" npm
    rm -rf "$lint"
    mkdir -p "$lint"
    npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$lint" "@redocly/cli@$redocly"
    echo "$redocly" >"$lint/installed.txt"
fi

command -v promtool >/dev/null || "$root/.ci/install-packages" prometheus
