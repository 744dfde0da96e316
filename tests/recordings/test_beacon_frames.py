#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Frames of 406 MHz beacons noted by others, line by line, against the truth noted beside them."""
import csv
import json
import subprocess
import sys

from recordings import PROGRAM, RECORDINGS

FOLDER = RECORDINGS / "cospas-sarsat"
FAMILIES = {  # protocol flag and code, as the truth has them, to how our names begin
    ("1", "011"): "serial user", ("1", "001"): "aviation user", ("1", "010"): "maritime user",
    ("1", "111"): "test user", ("1", "110"): "radio call sign user", ("1", "000"): "orbitography",
    ("0", "1101"): "RLS location", ("0", "0110"): "standard location EPIRB serial",
    ("0", "0010"): "standard location EPIRB MMSI", ("0", "1100"): "standard location ship security",
    ("0", "0111"): "standard location PLB serial", ("0", "1110"): "standard location test",
}


def decode(line):
    done = subprocess.run([PROGRAM, "decode", "-q", "--frames", "cospas-sarsat", "-"],
                          input=line + "\n", capture_output=True, text=True, check=True)
    return json.loads(done.stdout) if done.stdout else None


def table(name):
    with open(FOLDER / name, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def check_frame(row):
    found = decode(row["frame_hex"])
    if row["format"].startswith("short(truncated"):
        assert found is None, row
        return
    assert found["format"] == row["format"], row
    errors = found.get("bch1_errors", 0)
    assert (errors == 0) == (row["bch1_ok"] == "True"), row
    if row["format"] == "long":
        second = "bch2_errors" in found or "bch2_failed" in found
        assert second == (row["bch2_ok"] != "True"), (row, found)
    sync = row["frame_hex"][:6]
    assert found["sync"] == {"FFFED0": "self-test", "FFFE2F": "normal"}[sync], row
    assert found["test"] == (found["sync"] == "self-test"), row
    assert "distress" not in found, row  # self-tests and a calibration transmitter
    if errors:  # the truth shows the wrong bits: the answer is that of the frame without them
        right = next(other for other in table("frames.tsv") if other["title"] == "Selftest")
        assert found["raw"].upper() == right["frame_hex"], row
        row = right
    assert found.get("hex_id_with_position", found["hex_id"]) == row["hex15_raw_bits26_85"], row
    assert found["country"] == int(row["country"]), row
    code = (row["protocol_flag"], row["proto_code_bits37_39or40"])
    # One row has the code of a test protocol with the title of another: the code counts.
    assert found["beacon_protocol"].startswith(FAMILIES[code]), row
    if "fire" in row["title"]:
        assert found["emergency"] == "fire", row
    if "collision" in row["title"]:
        assert found["emergency"] == "collision", row


def check_recording(row):
    bare = row["hex30(bits25-144)"]
    sync = {"normal": "FFFE2F", "self-test": "FFFED0"}[row["mode"]]
    for line, is_test in ((bare, "Test" in row["protocol"]), (sync + bare, True)):
        found = decode(line)
        assert found["hex_id_with_position" if "location" in found["beacon_protocol"] else "hex_id"] == \
            row["hex15(bits26-85, raw)"], row
        assert found["country"] == int(row["country"]), row
        lat, lon = map(float, row["position_decoded (independent field decode per T.001 Annex A)"].split()[:2])
        assert abs(found["lat_deg"] - lat) < 1e-5 and abs(found["lon_deg"] - lon) < 1e-5, (row, found)
        assert found["test"] == is_test, row
        assert ("distress" in found) == (not is_test), row


def main():
    frames, recordings = table("frames.tsv"), table("TRUTH.tsv")
    for row in frames:
        check_frame(row)
    for row in recordings:
        check_recording(row)
    print(f"{len(frames)} frames and {len(recordings)} recordings' frames as their truth says")


sys.exit(main())
