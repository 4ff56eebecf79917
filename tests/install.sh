#!/usr/bin/env bash
# Makes sure that the servers and the browser that the tests start are installed. Starts nothing itself.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
missing=()

has() { command -v "$1" >/dev/null; }
has_postgres() {
    { has postgres && has initdb; } || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null
}

has_postgres || missing+=(postgresql)
has pgbouncer || [ -x /usr/sbin/pgbouncer ] || missing+=(pgbouncer)
has redis-server || missing+=(redis-server)
has sqlite3 || missing+=(sqlite3)
has xfs_io || [ "$(id -u)" != 0 ] || missing+=(xfsprogs)
has nft || [ "$(id -u)" != 0 ] || missing+=(nftables)
{ has mkfs.ext4 && has losetup; } || [ "$(id -u)" != 0 ] || missing+=(e2fsprogs mount)
compgen -G '/usr/lib/*/faketime/libfaketimeMT.so.1' >/dev/null || missing+=(libfaketime)
has node || missing+=(nodejs)
has chromium || missing+=(chromium)
has chromedriver || missing+=(chromium-driver)

[ ${#missing[@]} -eq 0 ] || "$root/.ci/install-packages" "${missing[@]}"
"$root/tests/foreign/install.sh"
exec "$root/nats/install.sh"
