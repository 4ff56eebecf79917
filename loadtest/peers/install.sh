#!/usr/bin/env bash
# Makes sure that the servers to compare with are installed: nginx with nchan, node with ws and socket.io. Starts nothing.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
missing=()

has() { command -v "$1" >/dev/null; }
has nginx || missing+=(nginx-light)
[ -e /usr/lib/nginx/modules/ngx_nchan_module.so ] || missing+=(libnginx-mod-nchan)
has node || missing+=(nodejs)
has npm || missing+=(npm)
[ ${#missing[@]} -eq 0 ] || "$root/.ci/install-packages" "${missing[@]}"

# Packages go where builds go, and no lock file is kept: the versions in package.json are exact.
mkdir -p "$root/target/peers"
cmp -s "$root/loadtest/peers/package.json" "$root/target/peers/package.json" && [ -d "$root/target/peers/node_modules/ws" ] && exit
cp "$root/loadtest/peers/package.json" "$root/target/peers/"
cd "$root/target/peers"
npm install --no-audit --no-fund --no-package-lock --loglevel=error
