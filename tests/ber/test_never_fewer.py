# SPDX-License-Identifier: Apache-2.0
"""On the same samples never fewer frames or calls than multimon-ng, where it decodes the mode, and none that nobody sent: Bell 202, five-tone,
DTMF. (Its 1.2 of Debian 12 has no MDC-1200, FleetSync or MPT1327.)"""
import json
import os
import pathlib
import shutil
import subprocess
import sys

PROGRAM = os.environ["ATALAYA_PROGRAM"]
BENCH = pathlib.Path(os.environ["ATALAYA_SOURCE_DIR"]) / "tests/bench/tones.py"

if not (shutil.which("multimon-ng") and shutil.which("sox")):
    print("no multimon-ng and sox here: skipped")
    sys.exit(77)

out = subprocess.run([PROGRAM, "bench", "decode", "--json", "--peers", "-n", "12", "--from", "11", "--to", "13", "audio-flat"], check=True,
                     capture_output=True, text=True).stdout
curves = {curve["decoder"]: curve for curve in json.loads(out)["curves"]}
ours, theirs = curves["atalaya"], curves["multimon-ng"]
assert "not_measured" not in theirs and len(ours["points"]) == len(theirs["points"]) == 5, theirs
for mine, other in zip(ours["points"], theirs["points"]):
    print(f"{mine['level_db']} dB: {mine['decoded']} of {mine['sent']}, multimon-ng {other['decoded']}")
    assert mine["decoded"] >= other["decoded"] and mine["false_frames"] == 0, (mine, other)
assert any(point["decoded"] for point in theirs["points"])
subprocess.run([sys.executable, BENCH, "6", "10", "2"], check=True)
