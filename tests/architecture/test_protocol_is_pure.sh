#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# protocol/ is pure: its library may call nothing but these. No I/O, no clock, no malloc, no logging, no threads.
set -euo pipefail
[ -z "${ATALAYA_SANITIZE:-}" ] || { echo "sanitizers add symbols of their own: skipped"; exit 77; }
allowed='^(mem(cpy|move|set|cmp|chr|rchr|mem)|str(len|cmp|ncmp|chr|rchr|spn|cspn|nlen|casecmp|ncasecmp|pbrk|str)'
allowed+='|v?snprintf|__(v?snprintf|memcpy|memmove|memset|strcpy|strncpy|strcat)_chk|__stack_chk_fail|bsearch|qsort'
allowed+='|__assert_fail|l?abs|l?l?round[fl]?|lround|lrint[f]?|fmod|floor[f]?|ceil[f]?|sqrt[f]?|pow[f]?|exp[f]?|log[f]?'
allowed+='|log(10|1p|2)[f]?|fm(ax|in)f?|strcpy|sin[f]?|cos[f]?|tan[f]?|atan2?[f]?|acos[f]?|hypot[f]?|cbrt[f]?|isfinite|nan[f]?|rint[f]?|trunc[f]?'
allowed+='|__ctype_(b|tolower|toupper)_loc|isalnum|_GLOBAL_OFFSET_TABLE_)$'
library="$ATALAYA_BINARY_DIR/protocol/libatalaya_protocol.a"
defined=$(nm --defined-only "$library" | awk 'NF==3 {print $3}' | sort -u)
undefined=$(nm -u "$library" | awk '$1=="U" {print $2}' | sort -u)
foreign=$(comm -23 <(echo "$undefined") <(echo "$defined") | grep -vE "$allowed" || true)
if [ -n "$foreign" ]; then
    echo "protocol/ must not call: $foreign"
    exit 1
fi
# Constant tables that hold pointers stand in .data.rel.ro and become read-only at start; .data and .bss do not.
if objdump -t "$library" | grep -E ' O +\.(data|bss|tdata|tbss)(\.[a-zA-Z_]+)*[[:space:]]' | grep -v '\.data\.rel\.ro'; then
    echo "protocol/ must not keep writable static data (listed above): its memory is the state of its user"
    exit 1
fi
