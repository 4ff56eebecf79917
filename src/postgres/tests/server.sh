#!/usr/bin/env bash
# Runs a Postgres of its own in a temporary directory. Prints its port once it answers, and ends it, directory and all, when
# standard input closes: that is also when the process that started this dies.
set -euo pipefail

fail() { echo "server.sh: $*" >&2; exit 1; }

if [ "$(id -u)" = 0 ]; then
    # Postgres refuses to run as root. Its user may not be able to read this file, so the text goes along.
    id postgres >/dev/null 2>&1 || fail "there is no user postgres; please run tests/install.sh"
    exec setpriv --reuid=postgres --regid=postgres --clear-groups bash -c "$(<"$0")" server.sh
fi

cd /
shopt -s nullglob
if command -v initdb >/dev/null && command -v postgres >/dev/null; then
    bin=$(dirname "$(command -v initdb)")
else
    installed=(/usr/lib/postgresql/*/bin/initdb)
    [ ${#installed[@]} -gt 0 ] || fail "Postgres is not installed; please run tests/install.sh"
    bin=$(dirname "$(printf '%s\n' "${installed[@]}" | sort -V | tail -n 1)")
fi

server=
dir=$(mktemp -d)
cleanup() {
    [ -z "$server" ] || { kill -QUIT "$server" && wait "$server"; } 2>/dev/null || true
    rm -rf "$dir"
}
trap cleanup EXIT
trap 'exit 1' INT TERM HUP

# A collation that sorts as people do shows where a query relies on the order of bytes.
locale=(--locale=C.UTF-8)
if "$bin/initdb" --help | grep -q -- --icu-locale; then
    locale+=(--locale-provider=icu --icu-locale=en-US)
fi
"$bin/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 "${locale[@]}" --no-sync --no-instructions >"$dir/initdb" 2>&1 ||
    { cat "$dir/initdb" >&2; fail "initdb failed"; }

for _ in {1..20}; do
    port=$((20000 + RANDOM))
    exec {log}< <(exec setpriv --pdeathsig QUIT "$bin/postgres" -D "$dir/data" -p "$port" -k "$dir" \
        -c listen_addresses=127.0.0.1 -c fsync=off -c full_page_writes=off -c lc_messages=C 2>&1)
    server=$!
    while read -r line <&"$log"; do
        [[ $line != *"ready to accept connections"* ]] || break 2
        [[ $line != *FATAL* ]] || echo "$line" >&2
    done
    server= # the port was taken: try another
done
[ -n "$server" ] || fail "Postgres does not start"

cat <&"$log" >"$dir/log" &
echo "$port"
exec >&-
cat >/dev/null
