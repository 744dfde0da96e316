#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""atalaya capture: each transmission of a channel becomes a SigMF recording that decodes to what was sent; noise
and other channels are left out, and bytes, seconds and files are bounded."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

PROGRAM = os.environ["ATALAYA_PROGRAM"]
RATE, CENTRE, CHANNEL, OTHER = "192000", "154000000", 154025000, 153950000


def run(*words, text="", status=0):
    done = subprocess.run([PROGRAM, *map(str, words)], input=text, capture_output=True, text=True)
    assert done.returncode == status, (words, done)
    return done


def message(time_s, frequency_hz, text):
    return json.dumps({"protocol": "ax25", "unit": "N0CALL-7", "kind": "status", "status": text,
                       "time_s": time_s, "frequency_hz": frequency_hz})


def capture(folder, band, *more, status=0):
    return run("capture", "-o", folder, "-f", "cs16", "-r", RATE, "-c", CENTRE, "-C", CHANNEL, *more, band, status=status)


def check_recordings(folder):
    metas = sorted(folder.glob("*.sigmf-meta"))
    assert len(metas) == 2 and len(list(folder.iterdir())) == 4, list(folder.iterdir())
    for meta, text in zip(metas, ("first", "second")):
        told = json.loads(meta.read_text())
        rate = told["global"]["core:sample_rate"]
        assert rate == 38400 and told["captures"][0]["core:frequency"] == CHANNEL, told
        assert len(told["annotations"]) == 1, told
        was = told["annotations"][0]
        assert abs(was["core:sample_start"] / rate - 0.5) < 0.02 and was["atalaya:snr_db"] > 15, told
        samples = meta.with_suffix(".sigmf-data").stat().st_size / 8
        assert abs(samples - was["core:sample_start"] - was["core:sample_count"] - 0.5 * rate) < 0.02 * rate, told
        out = run("decode", "-q", "-p", "ax25", meta).stdout.splitlines()
        assert len(out) == 1 and json.loads(out[0])["status"] == text, out


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        band = folder / "band.cs16"
        lines = "\n".join([message(1.0, CHANNEL, "first"), message(2.0, OTHER, "not here"), message(3.5, CHANNEL, "second")])
        run("encode", "-o", band, "-I", "cs16", "-r", RATE, "-c", CENTRE, "-R", "25", "-t", "1", "-i", "-", text=lines + "\n")
        out = capture(folder / "all", band).stdout.splitlines()
        assert len(out) == 2 and all("1 transmission" in line for line in out), out
        check_recordings(folder / "all")
        again = capture(folder / "all", band, status=1).stderr  # nothing is overwritten
        assert "cannot write" in again, again
        capture(folder / "short", band, "-m", "1", "-b", "0")
        sizes = [path.stat().st_size for path in (folder / "short").glob("*.sigmf-data")]
        assert len(sizes) == 2 and max(sizes) <= 38400 * 8, sizes
        few = capture(folder / "few", band, "-M", "1", "-w", "192000", status=1).stderr
        assert "may" in few and sum(path.stat().st_size for path in (folder / "few").glob("*.sigmf-data")) <= 1e6, few
        run("capture", band, status=2)
    print("two transmissions, two recordings, each decodes")


sys.exit(main())
