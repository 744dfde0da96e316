# SPDX-License-Identifier: Apache-2.0
"""What must be heard of 9600 bit/s from audio and of both waveforms in complex baseband: half of the frames, half a
decibel above the levels that are required of the program (forty frames are good for that much), and none that
nobody sent. Bell 202 from audio is ber.bell202_loss."""
import json
import os
import subprocess

PROGRAM = os.environ["ATALAYA_PROGRAM"]
REQUIRED_DB = {"g3ruh-audio": 7.6, "g3ruh-iq": 5.0, "iq-flat": 1.3, "iq-preemphasis": 2.0, "iq-off2k": 2.0}
FRAMES = 40

for case, level_db in REQUIRED_DB.items():
    level = f"{level_db + 0.5:.1f}"
    out = subprocess.run([PROGRAM, "bench", "decode", "--json", "-n", str(FRAMES), "--from", level, "--to", level, case],
                         check=True, capture_output=True, text=True).stdout
    point = json.loads(out)["curves"][0]["points"][0]
    print(f"{case}: {point['decoded']} of {point['sent']} at {level} dB")
    assert point["decoded"] >= FRAMES // 2, (case, point)
    assert point["false_frames"] <= 1, (case, point)
