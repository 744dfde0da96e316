# SPDX-License-Identifier: Apache-2.0
"""`atalaya encode --iq` puts messages on the channels of a band, and `atalaya decode` takes them out again."""
import json
import os
import pathlib
import subprocess
import tempfile

from patience import within

PROGRAM = os.environ["ATALAYA_PROGRAM"]
CENTRE = 144.8e6
PLACES = [  # two at once on neighbouring channels, one off its frequency, one weak, one in another protocol
    {"line": "N0CALL-1>APZATL:>one", "frequency_hz": 144.8e6, "time_s": 0.3, "cnr_db": 30},
    {"line": "N0CALL-2>APZATL:>two", "frequency_hz": 144.8125e6, "time_s": 0.31, "cnr_db": 20, "offset_hz": 1500},
    {"line": "N0CALL-3>APZATL:>three", "frequency_hz": 144.75e6, "time_s": 0.35, "cnr_db": 8, "offset_hz": -3000},
    {"line": "N0CALL-4>APZATL:>four", "frequency_hz": 144.85e6, "time_s": 0.4, "cnr_db": 25, "drift_hz_s": 500,
     "deviation_hz": 2500, "protocol": "il2p"},
]
CHANNELS = "144.75e6,144.8e6,144.8125e6,144.85e6"


def run(*words, status=0):
    done = subprocess.run([PROGRAM, *map(str, words)], capture_output=True, timeout=within(60))
    assert done.returncode == status, (words, done.returncode, done.stderr)
    return done


def heard(*words):
    return {m["unit"]: m for m in map(json.loads, run("decode", "-q", "-p", "ax25,il2p", *words).stdout.splitlines())}


def check(found):
    assert sorted(found) == [f"N0CALL-{n}" for n in (1, 2, 3, 4)], found
    for number, place in enumerate(PLACES, 1):
        message = found[f"N0CALL-{number}"]
        assert message["frequency_hz"] == place["frequency_hz"], message
        assert abs(message["time_s"] - place["time_s"]) < 1e-3, message
        assert abs(message["rssi_dbfs"] - (place["cnr_db"] - 50)) < 1.5, message
        assert 0.88 < message["deviation_hz"] / place.get("deviation_hz", 3000) < 1.06, message
        if "drift_hz_s" not in place:
            assert abs(message["offset_hz"] - place.get("offset_hz", 0)) < 200, message


with tempfile.TemporaryDirectory(prefix="atalaya test ") as name:
    folder = pathlib.Path(name)
    (folder / "places.jsonl").write_text("".join(json.dumps(place) + "\n" for place in PLACES))
    how = ("--rate", 250e3, "--centre", CENTRE, "--noise", -50, "-i", folder / "places.jsonl")
    for form in ("cu8", "cf32"):
        run("encode", "--iq", form, "-o", folder / "band", *how)
        check(heard("-f", form, "-r", 250e3, "--centre", CENTRE, "--channel", CHANNELS, folder / "band"))
    run("encode", "--iq", "cs16", "-o", folder / "band.sigmf-data", *how)
    meta = json.loads((folder / "band.sigmf-meta").read_text())
    assert meta["global"]["core:datatype"] == "ci16_le" and meta["captures"][0]["core:frequency"] == CENTRE, meta
    assert len(meta["annotations"]) == len(PLACES), meta
    again = run("decode", "-q", "-p", "ax25,il2p", "--channel", CHANNELS, folder / "band.sigmf-meta")
    check({m["unit"]: m for m in map(json.loads, again.stdout.splitlines())})

    # What was heard can be sent again as it was: channel, time, level, offset and deviation.
    (folder / "heard.jsonl").write_bytes(again.stdout)
    run("encode", "--iq", "cs8", "-o", folder / "again", "--rate", 250e3, "--centre", CENTRE, "-i", folder / "heard.jsonl")
    check(heard("-f", "cs8", "-r", 250e3, "--centre", CENTRE, "--channel", CHANNELS, folder / "again"))

    # One channel in the middle of a narrow recording needs no frequency at all.
    run("encode", "--iq", "cs16", "-o", folder / "narrow", "--fading", 5, "--pre-emphasis", "N0CALL-9>APZATL:>nine")
    assert "frequency_hz" not in heard("-f", "cs16", "-r", 48000, folder / "narrow")["N0CALL-9"]

    line = "N0CALL-9>APZATL:>nine"
    for words in (("--iq", "cu9", line), ("--iq", "cu8", "--rate", 100, line), ("--iq", "cu8", "--ebn0", 3, line),
                  ("--iq", "cu8", "--centre", CENTRE, "--channel", 145e6, line), ("--iq", "cu8", "--cnr", 1000, line),
                  ("--iq", "cu8", '{"line": 7}'), ("--iq", "cu8", '{"line": "nonsense"}')):
        done = subprocess.run([PROGRAM, "encode", "-o", str(folder / "bad"), *map(str, words)], capture_output=True, timeout=within(60))
        assert done.returncode in (1, 2) and done.stderr, (words, done)
    done = run("encode", "--iq", "cu8", "--cnr", 80, "-o", folder / "loud", line)
    assert b"clipped" in done.stderr, done
    done = subprocess.run([PROGRAM, "encode", "--iq", "cu8", "-o", "/dev/full", line], capture_output=True, timeout=within(60))
    assert done.returncode == 1 and b"No space" in done.stderr, done
