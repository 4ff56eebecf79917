#!/usr/bin/env bash
# Writes .sqlx/: what the checked statements of this crate know of the schema. Run it after changing either. Starts a Postgres
# of its own for that.
# Usage: prepare.sh [--check]   (--check changes nothing and fails when .sqlx/ is out of date)
set -euo pipefail

crate=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
fail() { echo "prepare.sh: $*" >&2; exit 1; }
command -v psql >/dev/null || fail "please run .ci/install-packages postgresql-client"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
coproc server { "$crate/tests/server.sh"; }
read -r port <&"${server[0]}" || fail "there is no database to ask"
url="postgres://postgres@127.0.0.1:$port/postgres"
cat "$crate"/migrations/*.sql | psql --quiet --no-psqlrc --set ON_ERROR_STOP=1 "$url"

mkdir "$work/sqlx"
touch "$crate/lib.rs" # or nothing would be compiled, and nothing written
(cd "$crate" && SQLX_OFFLINE=false SQLX_OFFLINE_DIR="$work/sqlx" DATABASE_URL="$url" cargo check --quiet --lib)

if [ "${1-}" = --check ]; then
    diff -r "$crate/.sqlx" "$work/sqlx" >&2 || fail "please run $crate/prepare.sh and commit .sqlx/"
else
    rm -rf "$crate/.sqlx"
    cp -r "$work/sqlx" "$crate/.sqlx"
fi
