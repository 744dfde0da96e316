# SPDX-License-Identifier: Apache-2.0
"""Recordings that others made, with their truth. Importing this skips the test (77) where there are none."""
import json
import os
import pathlib
import re
import subprocess
import sys

PROGRAM = os.environ["ATALAYA_PROGRAM"]
RECORDINGS = pathlib.Path(os.environ.get("ATALAYA_RECORDINGS", ""))
if not os.environ.get("ATALAYA_RECORDINGS") or not (RECORDINGS / "ax25-noise").is_dir():
    print("no recordings here (ATALAYA_RECORDINGS): skipped")
    sys.exit(77)

HEX_ROW = re.compile(r"^  [0-9a-f]{3}: ((?: [0-9a-f]{2})+)")
SUMMARY = re.compile(r"^(\S+\.wav): 1 frame (.*?)(?: \(check with atest\))?$")


def truth(path):
    """{file: [set of acceptable endings of one frame, in hexadecimal]}: whole frames where there is a dump, else texts."""
    frames, current, dump = {}, None, ""
    for line in path.read_text(encoding="utf-8").splitlines():
        summary = SUMMARY.match(line)
        if summary:
            texts = summary[2].replace("<CR>", "\r").split(" or ")
            frames[summary[1]] = [{text.split(":", 1)[1].encode().hex() for text in texts}]
        if line.startswith("## "):
            current = frames.setdefault(line.split()[1], [])
        row = HEX_ROW.match(line)
        if row:
            dump += row[1].replace(" ", "")
        elif dump:
            current.append({dump})
            dump = ""
    return frames


def decode(*files):
    out = subprocess.run([PROGRAM, "decode", *map(str, files)], check=True, capture_output=True, text=True).stdout
    return [json.loads(line) for line in out.splitlines()]


def prove_truth(folder):
    """Every frame that the truth of the folder names is decoded."""
    expected = truth(RECORDINGS / folder / "TRUTH.txt")
    for name, frames in expected.items():
        heard = [message["raw"] for message in decode(RECORDINGS / folder / name)]
        for endings in frames:
            assert any(raw.endswith(end) for raw in heard for end in endings), f"{name}: missing {endings}; heard {heard}"
        print(f"{name}: {len(heard)} frames, all {len(frames)} of the truth")
    return sum(map(len, expected.values()))
