# SPDX-License-Identifier: Apache-2.0
"""Selective calls and keys as others recorded them: those of the truth and no other, never fewer than a peer; and
nobody else's signal is a call."""
import json
import re
import subprocess

from recordings import PROGRAM, RECORDINGS

# README of the recordings and the names of the files: (addressee, caller)
CALLS = {"00529": ("00501", "00529"), "23533": ("23533", "00501"), "Z1--Q-19932": ("50545", "76845"),
         "Z1-1-18533": ("18533", "76845"), "Z1_18516-76845": ("18516", "76845"), "Z2-14517": ("14517", "76845")}
PEERS = "ZVEI1 ZVEI2 ZVEI3 DZVEI PZVEI EEA EIA CCIR DTMF".split()


def decode(path):
    out = subprocess.run([PROGRAM, "decode", "--quiet", "--protocols", "select5,dtmf", path], check=True, capture_output=True, text=True).stdout
    return [json.loads(line) for line in out.splitlines()]


def peer(path, mode):
    """What multimon-ng says of the mode, repeats written out."""
    raw = subprocess.run(["sox", path, "-t", "raw", "-r", "22050", "-e", "signed", "-b", "16", "-c", "1", "-"], check=True, capture_output=True)
    said = subprocess.run(["multimon-ng", "-q", "-a", mode, "-t", "raw", "-"], input=raw.stdout, capture_output=True).stdout.decode()
    tones = re.findall(r"[0-9A-F*#]+", said.replace(mode + ":", " "))
    return [re.sub(r"(.)E", r"\1\1", word) for word in tones]


for name, (to, unit) in CALLS.items():
    path = RECORDINGS / "select5" / f"{name}.wav"
    heard = decode(path)
    peers = [address for mode in PEERS for address in (to, unit) if any(address in word for word in peer(path, mode))]
    print(f"{name}: {[(m['to'], m['unit'], m['standard']) for m in heard]}; multimon-ng hears {sorted(set(peers))}")
    assert [(m["to"], m["unit"]) for m in heard] == [(to, unit)], heard
    assert heard[0]["standard"] == ("ccir1" if name[0] != "Z" else "zvei1")

heard = decode(RECORDINGS / "dtmf" / "dtmf_example.wav")
assert [m["code"] for m in heard] == ["12345"], heard
assert len(peer(RECORDINGS / "dtmf" / "dtmf_example.wav", "DTMF")) <= 5

others = [path for path in sorted(RECORDINGS.glob("*/*.wav")) if path.parent.name not in ("select5", "dtmf")]
assert others
for path in others:
    assert decode(path) == [], path
print(f"{len(others)} other recordings: no call")
