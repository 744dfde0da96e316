# SPDX-License-Identifier: Apache-2.0
"""`atalaya encode` and `atalaya decode` as their users meet them: what goes in comes out, and bad input is told."""
import json
import os
import pathlib
import subprocess
import tempfile
import wave

import schema

from patience import within

PROGRAM = os.environ["ATALAYA_PROGRAM"]
LINES = ["N0CALL-1>APZATL,WIDE1-1:!3129.01N/11132.02W[on foot", "N0CALL-2>APZATL::DISPATCH :two found, one hurt{7",
         "N0CALL-7>234U6T:`(_fn\"Oj/", "N0CALL-3>APZATL:>resting"]
EXAMPLE = json.loads((schema.FOLDER / "examples/rx.json").read_text())
ENVELOPE = {key: EXAMPLE[key] for key in ("v", "id", "site", "seq", "boot", "time", "time_ms", "time_source", "delayed", "priority")}
RECEPTION = {"input", "channel", "time_s", "duration_s", "rssi_dbfs", "snr_db", "offset_hz", "deviation_hz", "peak", "copies", "bits_corrected"}
valid = schema.validator("rx")


def run(*words, given=None, status=0):
    done = subprocess.run([PROGRAM, *map(str, words)], input=given, capture_output=True, timeout=within(60))
    assert done.returncode == status, (words, done.returncode, done.stderr)
    return done


def messages(done):
    found = [json.loads(line) for line in done.stdout.splitlines()]
    for message in found:
        valid.validate({**ENVELOPE, "input": "frames", "channel": "0", **message})
    return found


def meaning(message):
    return {key: value for key, value in message.items() if key not in RECEPTION}


with tempfile.TemporaryDirectory(prefix="atalaya test ") as name:
    folder = pathlib.Path(name)
    tape = folder / "tape.wav"
    (folder / "lines.txt").write_text("\n".join(LINES) + "\n")
    expected = [meaning(m) for m in messages(run("decode", "-q", "--frames", "tnc2", folder / "lines.txt"))]
    assert [m["kind"] for m in expected] == ["position", "text", "position", "status"], expected
    assert expected[2]["distress"] == "raised" and expected[0]["unit"] == "N0CALL-1"

    # Any rate, any level, noise.
    for options in (("--rate", 8000), ("--rate", 11025), ("--rate", 22050), ("--rate", 44100), ("--rate", 96000),
                    ("--level", -40), ("--level", 0), ("--ebn0", 15), ("--preamble", 64)):
        run("encode", "-o", tape, *options, *LINES)
        heard = messages(run("decode", tape))
        assert [meaning(m) for m in heard] == expected, (options, heard)
        assert all(a["time_s"] < b["time_s"] for a, b in zip(heard, heard[1:]))
    run("encode", "-o", folder / "tape.flac", *LINES)
    flac = run("decode", folder / "tape.flac")
    assert [meaning(m) for m in messages(flac)] == expected
    assert b"4 messages" in flac.stderr and b"times real time" in flac.stderr, flac.stderr

    # What decode says, encode can say again.
    (folder / "again.jsonl").write_bytes(flac.stdout)
    run("encode", "-o", tape, "-i", folder / "again.jsonl")
    assert [meaning(m) for m in messages(run("decode", tape))] == expected

    # Raw samples on standard input, and frames without a signal.
    run("encode", "-o", tape, "--rate", 22050, *LINES)
    with wave.open(str(tape)) as file:
        raw = file.readframes(file.getnframes())
    assert [meaning(m) for m in messages(run("decode", "--format", "s16", "--rate", 22050, "-", given=raw))] == expected
    (folder / "frames.txt").write_text("\n".join(m["raw"] for m in expected) + "\n")
    assert [meaning(m) for m in messages(run("decode", "--frames", "ax25", folder / "frames.txt"))] == expected

    # What is no recording, and what is no command, is told in a line; nothing is made up.
    (folder / "text.wav").write_text("no recording at all\n")
    (folder / "empty.wav").write_bytes(b"")
    (folder / "cut.wav").write_bytes(tape.read_bytes()[:30])
    for words in ((folder / "missing.wav",), (folder / "text.wav",), (folder / "empty.wav",), (folder / "cut.wav",), (folder,),
                  ("--format", "s16", "--rate", 0, "-"), ("--format", "s8", "--rate", 8000, "-"), ("--frames", "morse", tape),
                  ("--protocols", "ax26", tape), ("--colour", tape), ()):
        done = subprocess.run([PROGRAM, "decode", *map(str, words)], input=b"", capture_output=True, timeout=within(60))
        assert done.returncode in (1, 2) and done.stderr and not done.stdout, (words, done)
    for words in ((LINES[0],), ("-o", folder / "no/such.wav", LINES[0]), ("-o", folder / "bad.wav", "no message"), ("-o", folder / "bad.wav", "{}"),
                  ("-o", folder / "bad.wav", "--rate", 5, LINES[0]), ("-o", folder / "bad.wav")):
        done = subprocess.run([PROGRAM, "encode", *map(str, words)], input=b"", capture_output=True, timeout=within(60))
        assert done.returncode in (1, 2) and done.stderr, (words, done)

    # A recording that was cut off gives what it holds.
    (folder / "half.wav").write_bytes(tape.read_bytes()[:tape.stat().st_size // 2])
    half = [meaning(m) for m in messages(run("decode", folder / "half.wav"))]
    assert half and half == expected[:len(half)] and len(half) < 4, half
