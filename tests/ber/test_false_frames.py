# SPDX-License-Identifier: Apache-2.0
"""Nothing is printed that was not sent: frames so deep in noise that most are lost, and noise alone. Of frames that are repaired by
trial at most one in a thousand may be wrong, which these are too few to show: see test_repair_odds.c."""
import json
import os
import pathlib
import random
import subprocess
import tempfile

PROGRAM = os.environ["ATALAYA_PROGRAM"]
generator = random.Random(20260714)


def decode(*words, given=None):
    out = subprocess.run([PROGRAM, "decode", *map(str, words)], input=given, check=True, capture_output=True).stdout
    return [json.loads(line) for line in out.splitlines()]


with tempfile.TemporaryDirectory(prefix="atalaya test ") as name:
    folder = pathlib.Path(name)
    lines = [f"N0CALL-{n % 16}>APZATL:>" + "".join(generator.choices("abcdefghijklmnopqrstuvwxyz 0123456789", k=60)) for n in range(120)]
    (folder / "sent.txt").write_text("\n".join(lines) + "\n")
    sent = {message["raw"] for message in decode("--frames", "tnc2", folder / "sent.txt")}
    assert len(sent) == len(lines)
    for ebn0_db in (5, 7, 9):
        tape = folder / "tape.wav"
        subprocess.run([PROGRAM, "encode", "-o", tape, "--rate", "22050", "--gap", "0.1", "--ebn0", str(ebn0_db),
                        "-i", folder / "sent.txt"], check=True)
        messages = decode(tape)
        heard = {message["raw"] for message in messages}
        print(f"{ebn0_db} dB: {len(heard)} of {len(sent)}")
        assert heard <= sent, [message for message in messages if message["raw"] not in sent]
    assert heard, "nothing was heard at all"

noise = b"".join(int(max(-32768, min(32767, generator.gauss(0, 6000)))).to_bytes(2, "little", signed=True) for _ in range(22050 * 60))
assert decode("--format", "s16", "--rate", "22050", "-", given=noise) == []
