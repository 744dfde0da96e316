#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Instructions a second of radio on ARM, counted in an emulator, and what that makes of a core of some boards: an estimate.

    apt-get install qemu-user && cmake --preset dev && cmake --build --preset dev --target atalaya
    scripts/package --arch arm64 && scripts/package --arch armhf
    tests/bench/boards.py [LOAD [BUILD...]]         all that begin with LOAD: sound, band; arm64, armhf, armhf-neon

Each load is decoded twice, as a short and as a longer recording: the difference is what a second costs, start and end left
out. How many instructions a core ends in a cycle (ASSUMED) is not measured here; vectors and cache misses decide it."""
import json
import pathlib
import subprocess
import sys
import tempfile

PROJECT = pathlib.Path(__file__).resolve().parents[2]
NATIVE = PROJECT / "build/dev/atalaya"
BUILDS = {  # title: emulator, sysroot, program
    "arm64": ("qemu-aarch64", "arm64", "package-arm64"),
    "armhf": ("qemu-arm", "armhf", "package-armhf"),
    "armhf-neon": ("qemu-arm", "armhf", "package-armhf-neon"),
}
ASSUMED = {  # board: clock in GHz, instructions a cycle
    "Pi Zero 2, A53 1.0 GHz": (1.0, 0.7),
    "Pi 4, A72 1.5 GHz": (1.5, 1.2),
    "Pi 4, A72 1.8 GHz": (1.8, 1.2),
    "Pi 5, A76 2.4 GHz": (2.4, 2.0),
}
RATE, CENTRE, CHANNELS, RASTER = 2400000, 154.6e6, 96, 12500
SHORT_S, LONG_S = 1, 4
WANTED = sys.argv[1] if len(sys.argv) > 1 else ""
BUILDS = {title: how for title, how in BUILDS.items() if len(sys.argv) < 3 or title in sys.argv[2:]}


def run(*words):
    return subprocess.run([str(word) for word in words], check=True, capture_output=True, text=True).stdout


def frequency(k):
    return CENTRE + (k - CHANNELS // 2 + 0.5) * RASTER


def sound(folder):
    """{load: (options, short, long)} of one channel of sound with every protocol."""
    loads = {}
    for title, ebn0, gap in (("sound, noise", -30, LONG_S), ("sound, busy", 20, 0.1)):
        whole = folder / f"{ebn0}.wav"
        lines = [f"N0CALL-{k % 15 + 1}>APZATL:>on foot, all well {k}" for k in range(1 if ebn0 < 0 else 20)]
        run(NATIVE, "encode", "-o", whole, "-r", 48000, "--ebn0", ebn0, "--gap", gap, *lines)
        data = whole.read_bytes()[44:]
        for seconds in (SHORT_S, LONG_S):
            (folder / f"{ebn0}-{seconds}.s16").write_bytes(data[:seconds * 96000])
        loads[title] = (("-f", "s16", "-r", 48000), *(folder / f"{ebn0}-{s}.s16" for s in (SHORT_S, LONG_S)))
    return loads


def band(folder):
    """The same of a band; a burst every five seconds on each of its 96 channels, of which some are decoded."""
    whole = folder / "band.cu8"
    places = [{"line": f"N0CALL-{k % 15 + 1}>APZATL:>on foot, all well {k}", "frequency_hz": frequency(k),
               "time_s": (k * 37 % 96) / 96 * 5 + 0.1, "cnr_db": 20} for k in range(CHANNELS)]
    (folder / "places").write_text("".join(json.dumps(place) + "\n" for place in places))
    run(NATIVE, "encode", "--iq", "cu8", "-o", whole, "--rate", RATE, "--centre", CENTRE, "--noise", -50, "-t", 2,
        "-i", folder / "places")
    with open(whole, "rb") as file:
        for seconds in (SHORT_S, LONG_S):
            file.seek(0)
            (folder / f"band-{seconds}").write_bytes(file.read(seconds * 2 * RATE))
    loads = {}
    for count in (1, 8, 32, CHANNELS):
        wanted = ",".join(str(frequency(k)) for k in range(0, CHANNELS, CHANNELS // count))
        options = ("-f", "cu8", "-r", RATE, "--centre", CENTRE, "-p", "ax25,fx25,il2p", "-m", "bell202", "--channel", wanted)
        loads[f"band of 2.4 MS/s, {count} channels"] = (options, *(folder / f"band-{s}" for s in (SHORT_S, LONG_S)))
    return loads


def instructions(folder, build, *words):
    emulator, sysroot, program = BUILDS[build]
    run(emulator, "-L", PROJECT / "build/sysroot" / sysroot, "-plugin", f"{folder}/count.so,out={folder}/count",
        PROJECT / "build" / program / "atalaya", "decode", "-q", *words)
    return int((folder / "count").read_text())


def main():
    with tempfile.TemporaryDirectory(prefix="atalaya-boards-") as name:
        folder = pathlib.Path(name)
        run("cc", "-std=c11", "-O2", "-shared", "-fPIC", PROJECT / "tests/bench/count_instructions.c", "-o", folder / "count.so")
        print("| millions of instructions a second of radio |", " | ".join(BUILDS), "|", " | ".join(ASSUMED), "|")
        print("|---" * (1 + len(BUILDS) + len(ASSUMED)) + "|")
        loads = (sound(folder) if "sound".startswith(WANTED[:5]) else {}) | (band(folder) if "band".startswith(WANTED[:4]) else {})
        for title, (options, short, long) in loads.items():
            if not title.startswith(WANTED):
                continue
            counts = [(instructions(folder, b, *options, long) - instructions(folder, b, *options, short)) / 1e6 /
                      (LONG_S - SHORT_S) for b in BUILDS]
            parts = [f"{100 * counts[0] / (ghz * 1000 * ipc):.0f} %" for ghz, ipc in ASSUMED.values()]
            print(f"| {title} |", " | ".join(f"{count:.0f}" for count in counts), "|", " | ".join(parts), "|", flush=True)


main()
