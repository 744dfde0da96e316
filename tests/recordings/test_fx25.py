# SPDX-License-Identifier: Apache-2.0
"""FX.25 of another encoder in rising noise: at least what peers find, each frame once, none but those sent."""
import json
import os
import pathlib
import subprocess
import sys

PROGRAM = os.environ["ATALAYA_PROGRAM"]
FOLDER = pathlib.Path(os.environ.get("ATALAYA_RECORDINGS", "")) / "ax25-noise"
if not os.environ.get("ATALAYA_RECORDINGS") or not FOLDER.is_dir():
    print("no recordings here (ATALAYA_RECORDINGS): skipped")
    sys.exit(77)


def decode(path, *more):
    out = subprocess.run([PROGRAM, "decode", *more, str(path)], check=True, capture_output=True, text=True).stdout
    return [json.loads(line) for line in out.splitlines()]


peers = {}
for line in (FOLDER / "TRUTH_peer_counts.txt").read_text(encoding="utf-8").splitlines():
    name, *counts = line.split()
    peers[name] = max(int(count.split("=")[1]) for count in counts if "=" in count)
tried = 0
for path in sorted(FOLDER.glob("fx25_*afsk1200*.wav")):
    together, own = decode(path), decode(path, "-p", "fx25")
    print(f"{path.name}: {len(together)} frames, {len(own)} by FX.25; peers {peers[path.name]}")
    assert len(together) > peers[path.name] and len(own) > peers[path.name]
    assert len({message["raw"] for message in together}) == len(together) <= 40
    tried += 1
assert tried
