#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The three worlds include each other in one direction only, and only dsp/ sees liquid.h.
set -euo pipefail
cd "$ATALAYA_SOURCE_DIR"
bad=0
complain() {
    echo "$1:"
    echo "$2"
    bad=1
}
search() { # pattern, folders: exits 0 with lines found
    grep -rnE --include='*.[ch]' "$@" || true
}
found=$(search 'include *[<"]liquid' gateway protocol include tests)
[ -z "$found" ] || complain "liquid.h outside dsp/" "$found"
found=$(search 'include *"atalaya/(gateway|dsp)/' protocol include/atalaya/protocol)
[ -z "$found" ] || complain "protocol/ knows another world" "$found"
found=$(search 'include *"atalaya/(gateway|protocol)/' dsp include/atalaya/dsp)
[ -z "$found" ] || complain "dsp/ knows another world" "$found"
found=$(search 'include *<(time|unistd|stdlib|pthread|signal|fcntl|errno|sys/[a-z]+)\.h>' protocol include/atalaya/protocol)
[ -z "$found" ] || complain "protocol/ includes the operating system" "$found"
found=$(search 'include *<(time|unistd|pthread|signal|fcntl|sys/[a-z]+)\.h>' dsp include/atalaya/dsp)
[ -z "$found" ] || complain "dsp/ includes clocks or files" "$found"
found=$(search 'pthread_create|thrd_create' dsp protocol tests/fast/dsp tests/fast/protocol)
[ -z "$found" ] || complain "a thread in dsp/ or protocol/: scripts/test looks for races elsewhere" "$found"
for id in $(sed -nE 's/^ATALAYA_(PROTOCOL|MODEM)\(([a-z0-9_]+),.*/\2/p' include/atalaya/*/*.def); do
    found=$(search "protocol_$id|modem_$id|\"$id\"" gateway/*.c gateway/*/*.c include/atalaya/gateway |
        grep -v 'ax25\.N0CALL' | grep -v '^gateway/command/encode.c' |
        grep -v '^gateway/config/complete.c' || true) # KISS carries AX.25 by definition
    [ -z "$found" ] || complain "gateway/ names the row $id: it must follow from the table" "$found"
done
exit $bad
