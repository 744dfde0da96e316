# SPDX-License-Identifier: Apache-2.0
"""MDC-1200 as others recorded and made it: every packet, also at 8 kHz, never fewer than a peer."""
import json
import pathlib
import subprocess
import tempfile

from recordings import PROGRAM, RECORDINGS, decode

FOLDER = RECORDINGS / "mdc1200"
# The README of the recordings: operation, argument, unit; in order
TRUTH = {
    "mdc_example": ["01001828"] * 3,
    "single_48000": ["00800001", "00811234", "20001234", "0180beef", "0100beef", "63855678", "30005678", "46031234",
                     "47091234", "23001234", "22065678", "06035678", "118a5678", "2b005678", "2b0c5678"],
    "double_48000": ["35895678830d1234", "35895678810d1234", "3589567882051234", "3589567880151234", "35891234a0005678"],
}


def peer(path):
    """Packets that multimon-ng hears; it has no MDC decoder in every build: then none."""
    raw = subprocess.run(["sox", path, "-t", "raw", "-r", "22050", "-e", "signed", "-b", "16", "-c", "1", "-"],
                         check=True, capture_output=True).stdout
    out = subprocess.run(["multimon-ng", "-q", "-a", "MDC1200", "-t", "raw", "-"], input=raw, capture_output=True).stdout
    return out.count(b"MDC")


with tempfile.TemporaryDirectory(prefix="atalaya test ") as name:
    for title, packets in TRUTH.items():
        at_48000, at_8000 = FOLDER / f"{title}.wav", pathlib.Path(name) / f"{title}.wav"
        subprocess.run(["sox", at_48000, "-r", "8000", at_8000], check=True)
        for path in (at_48000, at_8000):
            heard = decode(path)
            print(f"{path.name} at {'8000' if path == at_8000 else 'its rate'}: {len(heard)} of {len(packets)}; multimon-ng {peer(path)}")
            assert [m["raw"] for m in heard] == packets, [m["raw"] for m in heard]
            assert all(m["protocol"] == "mdc1200" for m in heard)
            assert len(heard) >= peer(path)
    emergencies = [m["unit"] for m in decode(FOLDER / "single_48000.wav") if m.get("distress")]
    assert emergencies == ["0001", "1234"], emergencies

lines = "0080 0A01\n3589 0A02 830D 0A01\n"
out = subprocess.run([PROGRAM, "decode", "--frames", "mdc1200", "-"], input=lines, check=True, capture_output=True, text=True).stdout
assert [json.loads(line)["meaning"] for line in out.splitlines()] == ["emergency", "call_alert"]
