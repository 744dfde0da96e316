# SPDX-License-Identifier: Apache-2.0
"""Recordings that others made, through `atalaya decode`: every frame of their truth, and at least what peers find."""
from recordings import RECORDINGS, decode, prove_truth

assert prove_truth("ax25-afsk1200") >= 6

noise = decode(RECORDINGS / "ax25-noise" / "afsk1200_noise40.wav")
print(f"afsk1200_noise40.wav: {len(noise)} frames; atest finds 31")
assert len(noise) >= 31

said = decode(RECORDINGS / "ax25-noise" / "aprs_emergency_afsk1200.wav")
assert sum(message.get("distress") == "raised" for message in said) == 1, said
