#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The house rules that a machine can hold: the layout, licences, sizes.
set -euo pipefail
cd "$ATALAYA_SOURCE_DIR"
bad=0
top=$(find . -mindepth 1 -maxdepth 1 ! -name '.*' ! -name build -printf '%f\n' |
    grep -vxE 'gateway|dsp|protocol|include|tests|scripts|CMakeLists\.txt|CMakePresets\.json|README\.md|LICENSE' || true)
[ -z "$top" ] || { echo "not part of the layout: $top"; bad=1; }
while IFS= read -r file; do
    head -n 2 "$file" | grep -q 'SPDX-License-Identifier: Apache-2.0' || { echo "$file: no SPDX line"; bad=1; }
    lines=$(wc -l <"$file")
    [ "$lines" -le 500 ] || { echo "$file: $lines lines, at most 500"; bad=1; }
done < <(find gateway dsp protocol include tests -name '*.[ch]')
# cmocka casts what it compares to unsigned: of a negative double that is 0 on ARM, and a missing field passes for one of 0
cast=$(grep -rnE 'assert_(int_equal|int_not_equal|in_range)\(message_number\(' tests --include='*.[ch]' || true)
[ -z "$cast" ] || { echo "a double compared as an integer, write (int): $cast"; bad=1; }
if command -v ctags >/dev/null; then
    long=$(find gateway dsp protocol -name '*.c' | ctags -L - --languages=C --kinds-C=f --fields=+ne -f - |
        awk -F'\t' '{l=0;e=0;for(i=4;i<=NF;i++){if($i~/^line:/)l=substr($i,6);if($i~/^end:/)e=substr($i,5)}
            if(e-l+1>60)print $2 ":" $1 ": " e-l+1 " lines, at most 60"}')
    [ -z "$long" ] || { echo "$long"; bad=1; }
else
    echo "ctags is not installed: function lengths not checked"
fi
exit $bad
