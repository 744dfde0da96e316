#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Random beacon messages of every length that `decode --frames` takes: whatever they say, every figure is in its range.
ATALAYA_FRAMES=1000000 by hand, best with a program built with sanitizers."""
import json
import os
import random
import subprocess

from beacon_fields import BCH, BCH1, BCH2, check

PROGRAM = os.environ["ATALAYA_PROGRAM"]
COUNT = int(os.environ.get("ATALAYA_FRAMES", "3000"))
PART = 20000
RANDOM = random.Random(36)
RANGES = {
    "generation": (1, 2), "country": (200, 799), "lat_deg": (-90, 90), "lon_deg": (-180, 180), "accuracy_m": (0, 150e3),
    "alt_m": (-400, 15952), "resolution_s": (1, 1800), "elt_number": (0, 63), "serial_number": (0, 2**20 - 1), "tac": (0, 2**16 - 1),
    "return_link_minute": (0, 59), "mmsi": (0, 999999999), "bch_errors": (0, 6), "bch1_errors": (0, 3), "bch2_errors": (0, 2),
    "rotating_field_number": (0, 15), "hours_active": (0, 63), "position_age_min": (0, 2046),
    "ais_epirb_last_digits": (0, 9999), "operator_serial_number": (0, 4095), "copies": (1, 1),
    "position_time_s": (0, 86400), "beacon_number": (0, 15),
    "fix_day": (1, 31), "fix_hour": (0, 23), "fix_minute": (0, 59), "fix_second": (0, 59), "database_version": (0, 31),
    **{f"question_{part}": (0, 127) for part in "abc"}, **{f"answer_{part}": (0, 15) for part in "abc"},
    "identity_type": (0, 3),
}


def sound():
    """A long message of the first generation whose codes hold; what it says is random."""
    first, second = RANDOM.getrandbits(60) | 1 << 60, RANDOM.getrandbits(26)
    whole = (first << 21 | check(first, BCH1)) << 26 | second
    return RANDOM.choice(["FFFE2F", "FFFED0"]) + f"{whole << 12 | check(second, BCH2):030X}"


def sound_second():
    data = RANDOM.getrandbits(202)
    if RANDOM.random() < 0.7:  # a rotating field that there is
        data = data >> 48 << 48 | RANDOM.randrange(5) << 44 | RANDOM.getrandbits(44)
    return f"{data << 48 | check(data, BCH):063X}"


def line():
    if RANDOM.random() < 0.7:
        return RANDOM.choice([sound, sound_second])()
    digits = RANDOM.choice([15, 22, 23, 30, 36, 36, 63])
    return f"{RANDOM.getrandbits(4 * digits):0{digits}X}"


def check_figures(document, where):
    for name, value in document.items():
        if isinstance(value, dict):
            check_figures(value, where)
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            least, most = RANGES[name]  # a figure without a range is not finished
            assert least <= value <= most, f"{name} = {value}: {where}"


heard, distress_under_test = 0, 0
for first in range(0, COUNT, PART):
    lines = [line() for _ in range(min(PART, COUNT - first))]
    done = subprocess.run([PROGRAM, "decode", "--frames", "cospas-sarsat", "-"], input="\n".join(lines), capture_output=True, text=True)
    assert done.returncode in (0, 1), done.stderr[-2000:]
    for answer in done.stdout.splitlines():
        document = json.loads(answer)
        check_figures(document, answer)
        distress_under_test += document["test"] and document.get("distress") is not None
        heard += 1
assert heard > COUNT / 2, f"{heard} of {COUNT} lines are messages"
assert distress_under_test == 0, "a test raises"
print(f"{COUNT} lines, {heard} messages")
