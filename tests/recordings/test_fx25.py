# SPDX-License-Identifier: Apache-2.0
"""FX.25 of another encoder in rising noise: at least what peers find, each frame once, none but those sent."""
from recordings import RECORDINGS, decode

FOLDER = RECORDINGS / "ax25-noise"
peers = {}
for line in (FOLDER / "TRUTH_peer_counts.txt").read_text(encoding="utf-8").splitlines():
    name, *counts = line.split()
    peers[name] = max(int(count.split("=")[1]) for count in counts if "=" in count)
tried = 0
for path in sorted(FOLDER.glob("fx25_*.wav")):
    together, own = decode(path), decode("-p", "fx25", path)
    print(f"{path.name}: {len(together)} frames, {len(own)} by FX.25; peers {peers[path.name]}")
    assert len(together) > peers[path.name] and len(own) > peers[path.name]
    assert len({message["raw"] for message in together}) == len(together) <= 40
    tried += 1
assert tried
