# SPDX-License-Identifier: Apache-2.0
"""Every recording through every protocol at once: no protocol claims another's signal."""
import collections
import json
import subprocess

from recordings import PROGRAM, RECORDINGS

# Folder: whose signal it is. A file that is not named here but lies in one of them is judged like the others.
OWNERS = {
    "ax25-afsk1200": {"ax25"}, "ax25-g3ruh9600": {"ax25"}, "ax25-noise": {"ax25", "fx25"},
    "mdc1200": {"mdc1200"}, "mpt1327": {"mpt1327"}, "fleetsync": {"fleetsync"},
    "select5": {"select5"}, "dtmf": {"dtmf"}, "paging-tones": set(),
    "cospas-sarsat": {"cospas_sarsat"}, "cospas-sarsat/sgb": {"cospas_sarsat"}, "tetrapol": {"tetrapol"},
}
IQ = {  # what the container does not say
    "cospas-sarsat/fgb_synthetic_40k_cf32_inverted.iq": ["--format", "cf32", "--rate", "40000"],
    "cospas-sarsat/sgb/747_washington.wav": ["--iq"],
    "cospas-sarsat/sgb/plb_test.wav": ["--iq"],
}
SOUNDS = (".wav", ".mp3", ".flac", ".iq")


def claims(path, options):
    out = subprocess.run([PROGRAM, "decode", "-q", *options, path], check=True, capture_output=True, text=True).stdout
    return collections.Counter(json.loads(line)["protocol"] for line in out.splitlines())


files = 0
for folder, owners in OWNERS.items():
    for path in sorted((RECORDINGS / folder).glob("*")):
        if path.suffix.lower() not in SOUNDS:
            continue
        name = f"{folder}/{path.name}"
        found = claims(path, IQ.get(name, []))
        print(f"{name}: {dict(found)}")
        assert set(found) <= owners, (name, found)
        files += 1
assert files >= 20, f"{files} recordings only"
