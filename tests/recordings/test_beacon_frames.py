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


def check_detection(line, truth):
    """A main field of 51 digits against what another decoder's test expects of it."""
    found = decode(line)
    same = {"tac": "tac", "serial_number": "serialNo", "country": "countryCode", "hex_id": "beacon23HexId",
            "homing_enabled": "hasAtLeastOneEnabledHomingSignal", "rls_enabled": "hasEnabledRls",
            "test_protocol": "testProtocolMessage"}
    for ours, theirs in same.items():
        assert found[ours] == truth[theirs], (ours, found, truth)
    assert abs(found["lat_deg"] - truth["encodedGnssPosition"]["lat"]) < 1e-6
    assert abs(found["lon_deg"] - truth["encodedGnssPosition"]["lon"]) < 1e-6
    vessel, rotating = truth.get("vesselId", {}), truth["rotatingField"]
    for ours, theirs in (("mmsi", "mmsi"), ("aircraft_registration", "value"),
                         ("aircraft_operator", "aircraftOperatorDesignator"),
                         ("operator_serial_number", "serialNumber")):
        assert found.get(ours) == vessel.get(theirs), (ours, found)
    if "epirbMmsi" in vessel:
        assert found["ais_epirb_last_digits"] == vessel["epirbMmsi"] % 10000
    assert found["hours_active"] == rotating["elapsedTimeSinceActivationHours"]
    assert found["position_age_min"] == rotating["timeSinceLastEncodedLocationMinutes"]
    assert found["alt_m"] == rotating["altitudeEncodedLocationMetres"]
    assert (found["hdop"], found["vdop"], found["battery"], found["gnss_fix"], found["activation"]) == \
        ("up to 1", "1 to 2", "75 to 100 %", "3D", "manual")
    assert "distress" not in found  # no check bits, no distress
    short = decode(truth["beacon15HexId"])
    assert short["hex_id"] == truth["beacon15HexId"] and short["tac"] == truth["tac"]


def check_decoded(path):
    """A whole message of 63 digits against another decoder's printout of it."""
    rows = dict(line.split(":", 1) for line in path.read_text(encoding="utf-8").splitlines() if ":" in line)
    truth = {key.strip(): value.strip() for key, value in rows.items()}
    found = decode(truth["Full 250b hex"])
    assert found["tac"] == int(truth["TAC"]) and found["serial_number"] == int(truth["Serial"])
    assert found["country"] == int(truth["Country"].split()[0])
    assert found["homing_enabled"] == bool(int(truth["Homing device"]))
    assert found["test"] == found["test_protocol"] == bool(int(truth["Test protocol"]))
    assert ("distress" in found) == (not found["test"])
    if "no-fix" in truth["Position"]:
        assert "lat_deg" not in found
    else:
        lat, lon = map(float, truth["Position"].split(","))
        assert abs(found["lat_deg"] - lat) < 1e-6 and abs(found["lon_deg"] - lon) < 1e-6
    if "icao_address" in truth:
        assert int(found["aircraft_address"], 16) == int(truth["icao_address"], 16)
        assert found["fix_second"] == int(truth["time_of_last_loc_s"])
        assert truth["operator_code"] in (found.get("operator_3ld"), found.get("operator_3ld_plain"))
    assert str(found.get("alt_m", "None")).split(".", maxsplit=1)[0] == truth["altitude_m"]
    # Its writer leaves the operator out of the identity and codes its letters another way than Table 3.2.
    assert found.get("hex_id_without_operator", found["hex_id"]) == truth["23-hex ID"]


def check_second_generation():
    count = 0
    with open(FOLDER / "sgb" / "tests.csv", newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            truth = json.loads((FOLDER / "sgb" / row["JSON"]).read_text(encoding="utf-8"))
            if row["TYPE"] == "Detection":
                check_detection(row["HEX"], truth)
            else:
                found = decode(row["HEX"])
                assert (found["country"], found["tac"], found["serial_number"], found["test"]) == \
                    (truth["countryCode"], truth["tac"], truth["serialNumber"], truth["testProtocolFlag"])
            count += 1
    for path in sorted((FOLDER / "sgb").glob("*.decoded.txt")):
        check_decoded(path)
        count += 1
    return count


def main():
    frames, recordings = table("frames.tsv"), table("TRUTH.tsv")
    for row in frames:
        check_frame(row)
    for row in recordings:
        check_recording(row)
    second = check_second_generation()
    print(f"{len(frames)} frames, {second} of the second generation and {len(recordings)} recordings' frames as their truth says")


sys.exit(main())
