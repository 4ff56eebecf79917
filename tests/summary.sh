#!/usr/bin/env bash
# Sums up a run of `make test`: how many tests passed, and which ones did not run and why.
# Usage: tests/summary.sh LOG, where LOG is what cargo and node printed.
set -euo pipefail

log=$1
skipped=target/skipped-tests.txt

passed=$(sed -n 's/^test result: .* \([0-9]*\) passed;.*/\1/p; s/^# pass \([0-9]*\)$/\1/p' "$log" | awk '{ n += $1 } END { print n + 0 }')
failed=$(sed -n 's/^test result: .* \([0-9]*\) failed;.*/\1/p; s/^# fail \([0-9]*\)$/\1/p' "$log" | awk '{ n += $1 } END { print n + 0 }')
on_request=$(sed -n 's/^test \(.*\) \.\.\. ignored\(, \)\?\(.*\)$/\1: \3/p' "$log")
unable=$(sort -u "$skipped" 2>/dev/null || true)
number=$(printf '%s\n%s\n' "$on_request" "$unable" | grep -c . || true)

if [ -n "$on_request" ]; then
    echo
    echo "Run on request only:"
    sed 's/^/  /' <<<"$on_request"
fi
if [ -n "$unable" ]; then
    echo
    echo "Not possible on this machine:"
    sed 's/^/  /' <<<"$unable"
fi
echo
echo "$passed passed, $failed failed, $number skipped"
