#!/usr/bin/env bash
# Measures the targets that the README names, one after the other, each into loadtest/reports/NAME.json and .html. ONLY=T3
# does those whose target is named so. Ends with 1 if any run found something wrong.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly loadtest=${LOADTEST:-target/release/frontdesk-loadtest}
failed=()

main() {
    local talk=(--set crowd.pairs.pairs=200 --set crowd.pairs.per_agent=4)
    measure T1 t1-disk steady --set measure=20s --set crowd.pairs.rate=5000 "${talk[@]}"
    measure T1 t1-os steady --durability os --set measure=10s --set crowd.pairs.rate=10000 "${talk[@]}"
    measure T2 t2-disk ramp --set steps.from=2000
    measure T2 t2-os ramp --durability os --set steps.from=2000
    measure T3,T5,T9 t3-idle-198k idle --spawn cluster --gateways 11 --workers 1 --generators 11 --set measure=60s \
        --set crowd.waiting.sockets=198000 --set crowd.waiting.connect_rate=800 --set crowd.waiting.settle=20s
    measure T4 t4-burst burst
    measure T6 t6-storm storm --spawn cluster --gateways 2 --workers 1 --generators 2 --set measure=75s \
        --set crowd.cut.sockets=20000
    measure T7 t7-smallest smallest
    measure T8 t8-start-empty start
    measure T8 t8-start-million start --durability os --set measure=310s --set crowd.pairs.rate=3300 --set crowd.pairs.pairs=400 \
        --set crowd.pairs.per_agent=4
    measure T9 t9-one scale-out --gateways 1 --workers 1
    measure T9 t9-two scale-out
    measure T9 t9-cost cost
    measure T12 t12-database-outage database-outage
    [ ${#failed[@]} -eq 0 ] || { echo "not as they should be: ${failed[*]}" >&2; exit 1; }
}

# Targets, the report's name, and what to run.
measure() {
    local targets=$1 name=$2
    shift 2
    [ -z "${ONLY:-}" ] || [[ ",$targets," == *",$ONLY,"* ]] || return 0
    echo "== $targets: $*"
    "$loadtest" run "$@" --json "loadtest/reports/$name.json" --html "loadtest/reports/$name.html" || failed+=("$name ($?)")
}

main
