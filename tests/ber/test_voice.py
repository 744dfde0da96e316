# SPDX-License-Identifier: Apache-2.0
"""Voices over the radio, in noise, are nobody's signal: no protocol makes a call, a message or a distress of them.
A few minutes; by hand an hour: ATALAYA_VOICE_MINUTES=60."""
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

PROGRAM = os.environ["ATALAYA_PROGRAM"]
MINUTES = float(os.environ.get("ATALAYA_VOICE_MINUTES", "4"))
WORDS = ("alpha bravo team one we are at the wash giving water two walkers both well roger copy over position follows three one "
         "decimal four nine emergency exercise nothing found going back to the truck say again please stand by").split()
VOICES = ("en", "en-us+f3", "es", "de+f2", "fr", "pt", "it+f4", "sv")

if not (shutil.which("espeak-ng") and shutil.which("sox")):
    print("no espeak-ng and sox here: skipped")
    sys.exit(77)


def speak(generator, n, folder):
    """A radio's audio band, pre-emphasis, limiter, and the hiss of a signal that grows weaker."""
    voice, hiss, radio = folder / "voice.wav", folder / "hiss.wav", folder / "radio.wav"
    text = " ".join(generator.choices(WORDS, k=160))
    subprocess.run(["espeak-ng", "-v", VOICES[n % len(VOICES)], "-s", str(110 + 13 * (n % 9)), "-p", str(15 + 9 * (n % 10)),
                    "-w", voice, text], check=True)
    seconds = float(subprocess.run(["soxi", "-D", voice], check=True, capture_output=True, text=True).stdout)
    subprocess.run(["sox", "-R", "-n", "-r", "24000", "-c", "1", hiss, "synth", str(seconds), "whitenoise", "vol",
                    str((0.002, 0.02, 0.06, 0.15)[n % 4])], check=True)
    band = ["highpass", "300", "lowpass", "3000", "treble", "+9", "gain", "-n", "12", "contrast", str(10 * (n % 8))]
    subprocess.run(["sox", "-R", "-m", "-v", "1", f"|sox -R '{voice}' -r 24000 -p {' '.join(band)}", "-v", "1", hiss, radio],
                   check=True, stderr=subprocess.DEVNULL)
    return radio, seconds


with tempfile.TemporaryDirectory(prefix="atalaya test ") as name:
    generator, spoken_s, n = random.Random(7), 0.0, 0
    while spoken_s < 60 * MINUTES:
        radio, seconds = speak(generator, n, pathlib.Path(name))
        out = subprocess.run([PROGRAM, "decode", "-q", radio], check=True, capture_output=True, text=True).stdout
        heard = [json.loads(line) for line in out.splitlines()]
        assert heard == [], (n, heard)
        spoken_s, n = spoken_s + seconds, n + 1
    print(f"{spoken_s / 60:.1f} minutes of voice, {n} speakers: no message")
