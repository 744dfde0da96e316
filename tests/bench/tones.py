#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Selective calls and DTMF in white noise, beside multimon-ng on the same tapes: how many of the calls come out right.
ATALAYA_PROGRAM names the program; the first argument is the number of calls a point (60), further ones are levels. Fails where
multimon-ng has more of them, or where at 2 dB and above a call comes out wrong."""
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile

PROGRAM = os.environ.get("ATALAYA_PROGRAM", "build/release/atalaya")
CALLS = int(sys.argv[1]) if len(sys.argv) > 1 else 60
# Standard: protocol, multimon-ng's mode, how long a call is in digits
ROWS = {"zvei1": ("select5", "ZVEI1", 5), "ccir1": ("select5", "CCIR", 5), "ccir7": ("select5", "CCIR", 5), "eea": ("select5", "EEA", 5),
        "eia": ("select5", "EIA", 5), "dtmf": ("dtmf", "DTMF", 5)}
LEVELS_DB = [int(level) for level in sys.argv[2:]] or [15, 10, 6, 4, 2, 0, -2, -4, -6, -8]
SURE_DB = 2
# Signal to noise in the 2.5 kHz of speech, against the modem's 22,400 values a second in which encode counts
EBN0_DB = -9.52  # a pair of tones is sent with half the power
generator = random.Random(5)
bad = []


def ours(tape, protocol, standard):
    words = ["--variants", standard] if protocol == "select5" else []
    out = subprocess.run([PROGRAM, "decode", "-q", "-p", protocol, *words, tape], check=True, capture_output=True, text=True).stdout
    return [json.loads(line)["unit"] for line in out.splitlines()]


def peer(tape, mode):
    raw = subprocess.run(["sox", tape, "-t", "raw", "-e", "signed", "-b", "16", "-"], check=True, capture_output=True).stdout
    said = subprocess.run(["multimon-ng", "-q", "-a", mode, "-t", "raw", "-"], input=raw, capture_output=True).stdout.decode()
    if mode == "DTMF":  # a key a line
        return "".join(re.findall(r"DTMF: (.)", said))
    while re.search(r"([0-9])E", said):
        said = re.sub(r"([0-9])E", r"\1\1", said)
    return re.findall(r"[0-9A-F]+", said.replace(mode + ":", " "))


def count_peer(sent, heard):
    """multimon-ng knows no end of a DTMF call: its keys are searched for the calls, in order."""
    if isinstance(heard, list):
        return sum(min(sent.count(call), heard.count(call)) for call in set(sent))
    right = at = 0
    for call in sent:
        found = heard.find(call, at)
        if found >= 0:
            right, at = right + 1, found + len(call)
    return right


print("SNR in 2500 Hz, dB; calls right of", CALLS, "(and wrong) / multimon-ng\n| |", " | ".join(map(str, LEVELS_DB)), "|")
with tempfile.TemporaryDirectory() as name:
    tape = pathlib.Path(name) / "tape.wav"
    for standard, (protocol, mode, digits) in ROWS.items():
        cells = []
        for level in LEVELS_DB:
            sent = ["".join(generator.choices("0123456789", k=digits)) for _ in range(CALLS)]
            lines = "\n".join(f"{standard} {call}" if protocol == "select5" else call for call in sent)
            subprocess.run([PROGRAM, "encode", "-p", protocol, "-o", tape, "--rate", "22050", "--gap", "1.8" if protocol == "dtmf" else "0.7",
                            "--ebn0", str(level + EBN0_DB + (3.01 if protocol == "dtmf" else 0)), "-s", str(generator.randrange(1000000)), "-i", "-"],
                           input=lines + "\n", text=True, check=True)
            heard = ours(tape, protocol, standard)
            right = sum(min(sent.count(call), heard.count(call)) for call in set(sent))
            wrong = len(heard) - right
            theirs = count_peer(sent, peer(tape, mode))
            cells.append(f"{right}{f' ({wrong})' if wrong else ''} / {theirs}")
            if right < theirs or (wrong and level >= SURE_DB):
                bad.append(f"{standard} at {level} dB: {cells[-1]}")
        print(f"| {standard} |", " | ".join(cells), "|", flush=True)
sys.exit(f"worse than multimon-ng, or wrong: {bad}" if bad else 0)
