#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Bursts of 406 MHz beacons recorded by others, against the truth noted beside them; no other recording holds one."""
import csv
import json
import subprocess
import sys

from recordings import PROGRAM, RECORDINGS

FOLDER = RECORDINGS / "cospas-sarsat"
SYNC = {"normal": "fffe2f", "self-test": "fffed0"}
# What the maker of the generated IQ says that it holds (its README).
IQ = ("fgb_synthetic_40k_cf32_inverted.iq", "fffed08e3301e240298056cf99f61503780b")


def decode(*arguments):
    done = subprocess.run([PROGRAM, "decode", "-q", "-p", "cospas_sarsat", *map(str, arguments)],
                          capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def check_recording(row):
    found = decode(FOLDER / row["file"])
    assert len(found) == 1, (row["file"], found)
    burst = found[0]
    assert burst["raw"] == SYNC[row["mode"]] + row["hex30(bits25-144)"].lower(), (row["file"], burst)
    lat, lon = map(float, row["position_decoded (independent field decode per T.001 Annex A)"].split()[:2])
    assert abs(burst["lat_deg"] - lat) < 1e-5 and abs(burst["lon_deg"] - lon) < 1e-5, burst
    assert burst["test"] and "distress" not in burst, burst
    assert 0.35 < burst["duration_s"] < 0.37, burst
    print(f"{row['file']}: as its truth says, {burst['bits_corrected']} bits corrected")


def check_iq():
    name, raw = IQ
    found = decode("-f", "cf32", "-r", "40000", FOLDER / name)
    assert len(found) == 1 and found[0]["raw"] == raw, found
    assert abs(found[0]["offset_hz"]) < 1 and abs(found[0]["time_s"] - 0.16) < 0.001, found
    assert found[0]["test"] and "distress" not in found[0], found
    print(f"{name}: as its maker says")


# What the folder's notes say each burst holds, as "Full 250b hex".
SECOND = {"747_washington.wav": (False, "ELT(DT)", 47.54119873046875, -121.35430908203125),
          "plb_test.wav": (True, "PLB", None, None)}


def full_hex(name):
    text = (FOLDER / "sgb" / name.replace(".wav", ".decoded.txt")).read_text(encoding="utf-8")
    return next(line.split(":")[1].strip().lower() for line in text.splitlines() if line.startswith("Full 250b"))


def check_second(name, test, kind, lat, lon):
    found = decode("--iq", FOLDER / "sgb" / name)
    assert len(found) == 1, (name, found)
    burst = found[0]
    # 63 digits; the 64th says the sequences: 1 normal, as both were sent.
    assert burst["raw"] == full_hex(name) + "1" and burst["sync"] == "normal", (name, burst)
    assert burst["test"] is test and ("distress" in burst) is not test, burst
    assert burst["beacon_type"] == kind and burst["bits_corrected"] == 0, burst
    assert ("lat_deg" in burst) is (lat is not None), burst
    if lat is not None:
        assert abs(burst["lat_deg"] - lat) < 1e-5 and abs(burst["lon_deg"] - lon) < 1e-5, burst
    assert abs(burst["offset_hz"]) < 1 and abs(burst["time_s"]) < 1e-4, burst
    assert abs(burst["duration_s"] - 1.0) < 1e-3, burst
    print(f"{name}: as its decoding says")


def main():
    with open(FOLDER / "TRUTH.tsv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    for row in rows:
        check_recording(row)
    check_iq()
    for name, truth in SECOND.items():
        check_second(name, *truth)
    others = [path for path in sorted(RECORDINGS.rglob("*.wav")) if path.parent != FOLDER]
    for path in others:
        assert decode(path) == [], path
    print(f"{len(others)} recordings of other signals: no beacon in them")


sys.exit(main())
