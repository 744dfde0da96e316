# SPDX-License-Identifier: Apache-2.0
"""The published TETRAPOL vectors through `atalaya decode --frames tetrapol-bits`: the frames of a direct-mode burst with
their scrambling searched, a data and a voice frame with it known and searched, and the coded blocks."""
import json
import subprocess

from recordings import PROGRAM, RECORDINGS

FOLDER = RECORDINGS / "tetrapol"


def decode(lines):
    run = subprocess.run([PROGRAM, "decode", "--frames", "tetrapol-bits", "-"], input="\n".join(lines) + "\n", text=True,
                         capture_output=True, check=True)
    messages = [json.loads(line) for line in run.stdout.splitlines()]
    assert len(messages) == len(lines), run.stderr
    return messages


def direct_mode():
    expected = {"U_START_SPEECH": "U_START_SPEECH", "U_END_SPEECH_1": "U_END_SPEECH_1", "U_END_SPEECH_2": "U_END_SPEECH_2",
                "U_END_SPEECH_3": "U_END_SPEECH_3", "TP_ADDRESS": "TP_ADDRESS"}
    for name, codop in expected.items():
        bits = "".join((FOLDER / "direct-mode" / f"{name}.txt").read_text().split())
        searched, = decode([f"air={bits}"])
        assert searched["scr"] == 4 and searched["codop_name"] == codop, searched
        assert searched["command"] == ("UI_CD" if name == "TP_ADDRESS" else "UI_VCH")
        assert searched["coded_bits_corrected"] == (1 if name == "U_END_SPEECH_3" else 0), searched
        if name == "TP_ADDRESS":
            assert searched["rfsi"] == "000-0-00-209" and searched["event"] == "caller"
    print("direct-mode: start, caller and three ends, scrambling found by search")


def rows(path):
    return [line.split() for line in path.read_text().splitlines() if line and not line.startswith("#")]


def frames():
    data, data_in, data_out, voice, voice_in, voice_out = rows(FOLDER / "unit-vectors" / "frames.txt")
    for kind, row, bits, out in (("data", data, data_in[1], data_out[1]), ("voice", voice, voice_in[1], voice_out[1])):
        known, searched = decode([f"band=uhf {row[1]} body={bits}", f"body={bits}"])
        for message in (known, searched):
            assert message["frame"] == kind and f"scr={message['scr']}" == row[1] and message["band"] == "uhf", message
            assert message["coded_bits_corrected"] == 0
            at = 67 if kind == "data" else 21
            assert message["asb"] == int(out[at:at + 2], 2)
            if kind == "data":
                assert message["bits"] == out
            else:
                assert "bits" not in message  # what was spoken is not published
    print("frames: data and voice, scrambling known and searched")


def blocks():
    table = rows(FOLDER / "unit-vectors" / "data_blocks.txt")
    coded, out = [row[1] for row in table if row[0] == "in"], [row[1] for row in table if row[0] == "out"]
    assert len(coded) == len(out) > 0
    good = 0
    for bits, want in zip(coded, out):
        run = subprocess.run([PROGRAM, "decode", "--frames", "tetrapol-bits", "-"], input=f"coded={bits}\n", text=True,
                             capture_output=True, check=True)
        if run.stdout:
            assert json.loads(run.stdout)["bits"] == want
            good += 1
    assert good == len(out), f"{good} of {len(out)}"
    print(f"blocks: {good}")


direct_mode()
frames()
blocks()
