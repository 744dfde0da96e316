#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`atalaya survey`: every channel of a generated band is found where, as strong and as wide as it is, and named by its modem;
of a recording, and swept through rtl_tcp part by part. Noise alone lists nothing."""
import json
import subprocess
import tempfile
from pathlib import Path

from rtl_server import RtlServer
from tower import PROGRAM

RATE = 1000000


def encode(path, centre_hz, lines):
    subprocess.run([PROGRAM, "encode", "-o", str(path), "--iq", "cu8", "--rate", str(RATE), "--centre", str(centre_hz), "--noise", "-50",
                    "--gap", "0.1", "--tail", "0.2", *map(json.dumps, lines)], check=True)
    return path


def mdc(hz, cnr_db, at_s):
    return {"protocol": "mdc1200", "unit": "0A01", "kind": "other", "meaning": "ptt_begin", "frequency_hz": hz, "cnr_db": cnr_db, "time_s": at_s}


def ax25(hz, cnr_db, at_s, **more):
    return {"protocol": "ax25", "unit": "N0CALL-7", "kind": "status", "status": "x" * 20, "frequency_hz": hz, "cnr_db": cnr_db,
            "time_s": at_s, **more}


def survey(*words):
    result = subprocess.run([PROGRAM, "survey", "--json", *words], capture_output=True, text=True, timeout=120)
    assert result.returncode == 0, result
    return [json.loads(line) for line in result.stdout.splitlines()]


def prove(found, truths):
    assert [round(f["frequency_hz"] / 12500) for f in found] == [round(hz / 12500) for hz, _, _ in truths], found
    for signal, (hz, cnr_db, kind) in zip(found, truths):
        assert abs(signal["frequency_hz"] - hz) < 1000 and signal["raster_hz"] == hz, signal
        assert abs(signal["over_noise_db"] - cnr_db) < 2 and abs(signal["level_dbfs"] - (cnr_db - 50)) < 2, signal
        assert 4000 < signal["width_hz"] < 14000 and 0 < signal["busy"] < 0.9, signal
        assert signal.get("kind") == kind and "middle" not in signal, signal


with tempfile.TemporaryDirectory() as name:
    folder = Path(name)
    one = encode(folder / "one.cu8", 154.4e6, [mdc(154.05e6, 25, 0.2), ax25(154.0625e6, 20, 0.6), ax25(154.5e6, 14, 0.9, offset_hz=500),
                                               mdc(154.725e6, 30, 1.5)])
    truth = [(154.05e6, 25, "ffsk1200 (mdc1200)"), (154.0625e6, 20, "bell202 (ax25)"), (154.5e6, 14, "bell202 (ax25)"),
             (154.725e6, 30, "ffsk1200 (mdc1200)")]
    words = ["-f", "cu8", "-r", str(RATE), "-c", "154.4e6", "-p", "mdc1200,ax25", str(one)]
    prove(survey(*words), truth)
    prove(survey("--from", "154.4e6", "--to", "154.6e6", *words), truth[2:3])
    assert survey("-f", "cu8", "-r", str(RATE), "-c", "154e6", str(encode(folder / "noise.cu8", 154e6, [mdc(154e6, -40, 0.2)]))) == []

    three = encode(folder / "three.cu8", 156.0e6, [mdc(155.8125e6, 22, 0.2), ax25(156.1e6, 18, 0.6)])
    server = RtlServer(RATE, {154400000: one.read_bytes(), 156000000: three.read_bytes()})
    swept = survey("--from", "154e6", "--to", "156.4e6", "--dwell", "2.2", "--listen", "2.2", "-p", "mdc1200,ax25", "--source",
                   f'type = rtl_tcp device = "127.0.0.1:{server.port}" rate_hz = {RATE}')
    tuned = [value for command, value in server.commands if command == 1]
    assert tuned[-3:] == [154400000, 155200000, 156000000], tuned
    spurs = [signal for signal in swept if signal.get("middle")]
    assert [round(signal["frequency_hz"], -3) for signal in spurs] == [155200000], spurs    # the server's silence is a constant
    prove([signal for signal in swept if signal not in spurs], truth + [(155.8125e6, 22, "ffsk1200 (mdc1200)"), (156.1e6, 18, "bell202 (ax25)")])
    refused = subprocess.run([PROGRAM, "survey", "--from", "5", "--to", "4", "x"], capture_output=True, text=True)
    assert refused.returncode == 2 and "--from" in refused.stderr
