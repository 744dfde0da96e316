#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# No function of ours has the name of one in a library that the program is linked with: the linker would take ours for
# both, without a word.
set -euo pipefail
cd "$ATALAYA_BINARY_DIR"
ours=$(nm -g --defined-only -- */libatalaya_*.a 2>/dev/null | awk 'NF == 3 { print $3 }' | sort -u)
theirs=$(ldd "$ATALAYA_PROGRAM" | awk '$3 ~ /^\// { print $3 }' | grep -vE '/(libasan|libubsan|libtsan)' |
    xargs nm -D --defined-only 2>/dev/null | awk 'NF == 3 { sub(/@.*/, "", $3); print $3 }' | sort -u)
[ "$(wc -l <<<"$ours")" -gt 500 ] && [ "$(wc -l <<<"$theirs")" -gt 500 ] # else nothing was compared
both=$(comm -12 <(echo "$ours") <(echo "$theirs"))
[ -z "$both" ] || { echo "names that a library has too:"; echo "$both"; exit 1; }
