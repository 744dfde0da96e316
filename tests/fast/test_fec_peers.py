# SPDX-License-Identifier: Apache-2.0
"""FX.25 and IL2P through the whole program: one message a transmission, though FX.25 is also heard as plain AX.25; and
FX.25 both ways with Dire Wolf's gen_packets and atest where they are installed."""
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import wave

PROGRAM = os.environ["ATALAYA_PROGRAM"]
LINES = ["N0CALL-7>APZATL:>short", "N0CALL-8>APZATL,WIDE1-1:!3129.01N/11132.02W[on foot with two others",
         "N0CALL-9>APZATL:>" + "a long line " * 9]


def run(*command, **options):
    return subprocess.run(command, check=True, capture_output=True, text=True, **options).stdout


def encode(name, protocol, *more):
    run(PROGRAM, "encode", "-o", name, "-p", protocol, *more, *LINES)


def decode(name, *more):
    return [json.loads(line) for line in run(PROGRAM, "decode", "-q", *more, name).splitlines()]


def silence(name, starts_s, length_s):
    """Takes out a piece of every burst: a few octets."""
    with wave.open(name) as file:
        parameters, samples = file.getparams(), bytearray(file.readframes(file.getnframes()))
    for start_s in starts_s:
        first, count = (2 * round(s * parameters.framerate) for s in (start_s, length_s))
        samples[first:first + count] = bytes(count)
    with wave.open(name, "wb") as file:
        file.setparams(parameters)
        file.writeframes(samples)


with tempfile.TemporaryDirectory() as folder:
    wav = str(pathlib.Path(folder) / "x.wav")
    hashes = {}
    for protocol in ("ax25", "fx25", "il2p"):
        encode(wav, protocol)
        heard = decode(wav)
        assert [message["unit"] for message in heard] == ["N0CALL-7", "N0CALL-8", "N0CALL-9"], (protocol, heard)
        hashes[protocol] = [message["dedupe"] for message in heard]
        own = decode(wav, "-p", protocol)
        assert [message["protocol"] for message in own] == 3 * [protocol], own
    assert hashes["ax25"] == hashes["fx25"] == hashes["il2p"], hashes
    # Too weak for plain AX.25: what FX.25 repairs says so, and is still said once.
    encode(wav, "fx25", "--ebn0", "4.5")
    units = [message["unit"] for message in decode(wav)]
    assert len(units) == len(set(units)) and len(units) >= 2, units
    repaired = [message["bits_corrected"] for message in decode(wav, "-p", "fx25")]
    assert len(repaired) >= 2 and max(repaired) > 0, repaired

    if not shutil.which("atest") or not shutil.which("gen_packets"):
        print("atest and gen_packets are not installed: not tried with Dire Wolf")
    else:
        encode(wav, "fx25")
        silence(wav, [message["time_s"] + 0.1 for message in decode(wav)], 0.02)
        assert decode(wav, "-p", "ax25") == []  # what atest finds now comes from the check octets
        assert len(decode(wav)) == 3
        report = run("atest", "-B", "1200", wav)
        assert "3 packets decoded" in report, report
        text = pathlib.Path(folder) / "x.txt"
        text.write_text("".join(line + "\n" for line in LINES), encoding="ascii")
        for check in (16, 32, 64):
            run("gen_packets", "-r", "48000", "-X", str(check), "-o", wav, str(text))
            heard = decode(wav, "-p", "fx25")
            units = [message["unit"] for message in heard]  # gen_packets sends the line ends, too: other hashes
            assert units == ["N0CALL-7", "N0CALL-8", "N0CALL-9"], (check, heard)
            assert all(message["protocol"] == "fx25" for message in heard)
