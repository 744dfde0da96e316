#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Second generation beacons through the whole program: a band with a call for help, a self-test, a cancellation and
a first generation beacon 10 dB stronger over one of them; each is heard at its time, on its frequency, as what it is."""
import json
import os
import subprocess
import sys
import tempfile

PROGRAM = os.environ["ATALAYA_PROGRAM"]
RATE, CENTRE, CHANNEL = "400000", "406000000", 406050000
UNIT = "9934039823D000000000000"  # T.018 B.2


def beacon(time_s, offset_hz, **fields):
    return {"protocol": "cospas_sarsat", "generation": 2, "unit": UNIT, "time_s": time_s, "frequency_hz": CHANNEL,
            "offset_hz": offset_hz, "cnr_db": 5, **fields}


SENT = [
    beacon(0.1, 1100, lat_deg=31.5, lon_deg=-111.5, distress="raised", test=False),
    beacon(1.0, -1100, lat_deg=31.6, lon_deg=-111.4, test=True),  # while the first is still on
    beacon(2.3, 300, distress="cancelled", test=False, rotating_field_number=15),
]
FIRST = {"protocol": "cospas_sarsat", "raw": "fffed056e6804002202009655250", "time_s": 2.6, "frequency_hz": 406040000,
         "cnr_db": 15}


def run(*words, text=""):
    return subprocess.run([PROGRAM, *map(str, words)], input=text, capture_output=True, text=True, check=True).stdout


def main():
    with tempfile.TemporaryDirectory() as folder:
        band = os.path.join(folder, "band.cs16")
        lines = "\n".join(json.dumps(message) for message in SENT + [FIRST])
        run("encode", "-o", band, "-I", "cs16", "-r", RATE, "-c", CENTRE, "-i", "-", text=lines + "\n")
        out = run("decode", "-q", "-f", "cs16", "-r", RATE, "-c", CENTRE, "-C", CHANNEL, "-p", "cospas_sarsat", band)
    found = [json.loads(line) for line in out.splitlines()]
    second = sorted((burst for burst in found if burst["generation"] == 2), key=lambda burst: burst["time_s"])
    assert len(second) == len(SENT), found
    for burst, sent in zip(second, SENT):
        assert burst["unit"] == UNIT and abs(burst["time_s"] - sent["time_s"]) < 1e-4, burst
        assert abs(burst["offset_hz"] - sent["offset_hz"]) < 2 and burst["frequency_hz"] == CHANNEL, burst
        assert burst["test"] == sent["test"] and burst.get("distress") == sent.get("distress"), burst
        assert burst["sync"] == ("self-test" if sent["test"] else "normal"), burst
        assert abs(burst.get("lat_deg", 0) - sent.get("lat_deg", 0)) < 2e-5, burst
    print(f"{len(second)} bursts, each as it was sent")


sys.exit(main())
