# SPDX-License-Identifier: Apache-2.0
"""9600 bit/s as others recorded it: every frame of their truth, and more than peers find in rising noise."""
from recordings import RECORDINGS, decode, prove_truth

PEERS = 24  # atest of Dire Wolf 1.6; multimon-ng 23

assert prove_truth("ax25-g3ruh9600") >= 4

noise = decode(RECORDINGS / "ax25-noise" / "g3ruh9600_noise40.wav")
print(f"g3ruh9600_noise40.wav: {len(noise)} frames; peers {PEERS}")
assert len({message["raw"] for message in noise}) > PEERS
