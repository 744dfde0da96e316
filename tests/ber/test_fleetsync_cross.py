# SPDX-License-Identifier: Apache-2.0
"""FleetSync from a tape at several rates and levels is FleetSync to nobody else."""
import json
import os
import pathlib
import subprocess
import tempfile

PROGRAM = os.environ["ATALAYA_PROGRAM"]
LINES = ["FE80 0100 2002", "II FE80 0100 2002", "BE00 0100 2000", "II AE00 0100 2003", "0240 0100 2003",
         "FE42 0100 2003 0000 0000 0300 0000 0066 6F6F", "II FE41 0100 2003 0200 0000 0000"]


def decode(path, *words):
    out = subprocess.run([PROGRAM, "decode", *words, path], check=True, capture_output=True, text=True).stdout
    return [json.loads(line) for line in out.splitlines()]


def raw(line):
    return line.replace("II", "").replace(" ", "").lower()


with tempfile.TemporaryDirectory(prefix="atalaya test ") as name:
    folder = pathlib.Path(name)
    tape = folder / "tape.wav"
    for rate, modem in (("8000", "ffsk1200"), ("11025", "ffsk2400"), ("22050", "ffsk1200"), ("48000", "ffsk2400"), ("48000", "ffsk1200")):
        subprocess.run([PROGRAM, "encode", "-p", "fleetsync", "-m", modem, "-o", tape, "--rate", rate, "--ebn0", "13", "-i", "-"],
                       input="\n".join(LINES) + "\n", text=True, check=True)
        heard = decode(tape)
        assert [m["raw"] for m in heard] == [raw(line) for line in LINES], (rate, modem, heard)
        assert {m["protocol"] for m in heard} == {"fleetsync"}
        assert [m["generation"] for m in heard] == [2 if line.startswith("II") else 1 for line in LINES]
        assert [m["unit"] for m in heard if m.get("distress") == "raised"] == ["100-1001"] * 2
