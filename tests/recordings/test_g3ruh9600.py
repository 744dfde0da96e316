# SPDX-License-Identifier: Apache-2.0
"""G3RUH recordings that others made, through `atalaya decode`: every frame of their truth, and more than peers find."""
import json
import os
import pathlib
import re
import subprocess
import sys

PROGRAM = os.environ["ATALAYA_PROGRAM"]
RECORDINGS = pathlib.Path(os.environ.get("ATALAYA_RECORDINGS", ""))
if not os.environ.get("ATALAYA_RECORDINGS") or not (RECORDINGS / "ax25-g3ruh9600").is_dir():
    print("no recordings here (ATALAYA_RECORDINGS): skipped")
    sys.exit(77)

HEX_ROW = re.compile(r"^  [0-9a-f]{3}: ((?: [0-9a-f]{2})+)")
COUNT = re.compile(r"^(\S+)\.wav atest=(\d+) multimon-ng=(\d+)")


def truth(path):
    """{file: [frame in hexadecimal]}, from the dumps of a peer."""
    frames, current, dump = {}, None, ""
    for line in path.read_text(encoding="utf-8").splitlines() + [""]:
        if line.startswith("## "):
            current = frames.setdefault(line.split()[1], [])
        row = HEX_ROW.match(line)
        if row:
            dump += row[1].replace(" ", "")
        elif dump:
            current.append(dump)
            dump = ""
    return frames


def decode(path):
    out = subprocess.run([PROGRAM, "decode", str(path)], check=True, capture_output=True, text=True).stdout
    return [json.loads(line) for line in out.splitlines()]


expected = truth(RECORDINGS / "ax25-g3ruh9600" / "TRUTH.txt")
assert sum(map(len, expected.values())) >= 4, expected
for name, frames in expected.items():
    heard = [message["raw"] for message in decode(RECORDINGS / "ax25-g3ruh9600" / name)]
    for frame in frames:
        assert frame in heard, f"{name}: missing {frame}; heard {heard}"
    print(f"{name}: {len(heard)} frames, all {len(frames)} of the truth")

for line in (RECORDINGS / "ax25-noise" / "TRUTH_peer_counts.txt").read_text(encoding="utf-8").splitlines():
    row = COUNT.match(line)
    path = RECORDINGS / "ax25-noise" / f"{row[1]}.wav" if row else None
    if not row or not row[1].startswith("g3ruh9600") or not path.is_file():
        continue
    heard = decode(path)
    print(f"{row[1]}: {len(heard)} frames; atest finds {row[2]}, multimon-ng {row[3]}")
    assert len(heard) > max(int(row[2]), int(row[3]))
