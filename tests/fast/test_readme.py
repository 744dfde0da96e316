#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What README.md and the manual pages show can be pasted: configurations pass the check, commands and their options exist, and what
can be tried without a radio works as it stands there, and says what is wrong where it does not."""
import os
import re
import shlex
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from patience import within

PROGRAM = os.path.abspath(os.environ.get("ATALAYA_PROGRAM", "build/dev/atalaya"))
SOURCE = Path(os.environ.get("ATALAYA_SOURCE_DIR", Path(__file__).resolve().parents[2]))
README = (SOURCE / "README.md").read_text(encoding="utf-8")
MANUALS = {name: (SOURCE / "scripts/man" / name).read_text(encoding="utf-8")
           for name in ("atalaya.8", "atalaya.conf.5.head", "atalaya.conf.5.tail")}
SECTION = r'(?:site|gpsd|source|broker|unit|code|transmitter|centre)(?: "[^"]*")? \{'


def run(*words, **options):
    return subprocess.run([PROGRAM, *words], capture_output=True, text=True, timeout=within(60), check=False, **options)


def displays(text):
    """What stands in a display of its own in a manual page."""
    return [block.replace(r"\(dq", '"') for block in re.findall(r"(?ms)^\.Bd -literal.*?\n(.*?)^\.Ed", text)]


def indented(text):
    return [re.sub(r"(?m)^    ", "", block) for block in re.findall(r"(?m)(?:^    .*\n(?:\n(?=    ))?)+", text)]


def configurations():
    shown = [block for page in MANUALS.values() for block in displays(page)] + indented(README)
    # one line of README, between words
    shown += [block.replace("\n", " ") for block in re.findall(r"`(source \"[^`]*)`", README)]
    return [block for block in shown if re.match(SECTION, block)]


def commands():
    """Every use of the program as shown: its words, without what stands behind a gap or a pipe."""
    shown = [line for block in indented(README) for line in block.replace("\\\n", " ").splitlines()]
    shown += re.findall(r"`(atalaya [^`]*)`", README)
    shown += [line for line in MANUALS["atalaya.8"].replace("\\e\n", " ").splitlines() if re.match(r"(sudo -u atalaya )?atalaya ", line)]
    for line in shown:
        for part in re.findall(r"(?:^|[|&(] ?|atalaya )(atalaya [a-z].*)", line):
            words = shlex.split(re.split(r" {3,}| \| | && |  # |\)", part.replace(r"\&", ""))[0].rstrip(" ;"), comments=True)
            if len(words) > 1:
                yield words[1:]


class Readme(unittest.TestCase):
    def test_configurations_pass_the_check(self):
        self.assertGreater(len(configurations()), 6)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "site.conf"
            for shown in configurations():
                rest = "" if "site {" in shown else 'site { id = "sasabe" }\n'
                if "source" not in shown:
                    rest += 'source "x" { type = stdin channel "aprs" { protocols = {"ax25"} frequency_hz = 144.39M } }\n'
                path.write_text(rest + shown, encoding="utf-8")
                result = run("check", "--offline", "--config", str(path))
                self.assertEqual(result.returncode, 0, shown + result.stdout)

    def test_commands_and_their_options_exist(self):
        helps, found = {}, 0
        known = re.findall(r"(?m)^  ([a-z][a-z-]*) ", run("--help").stdout)
        for words in commands():
            if words[0] in ("is", "COMMAND"):
                continue
            self.assertIn(words[0], known, words)
            whose = tuple(words[:2]) if words[0] == "bench" else (words[0],)
            if whose not in helps:
                helps[whose] = run(*whose, "--help").stdout
            for option in words[1:]:
                if re.fullmatch(r"--[a-z][a-z0-9-]*|-[A-Za-z]", option):
                    self.assertRegex(helps[whose], rf"(?m)(^|[ ,]){option}\b", words)
                    found += 1
        self.assertGreater(found, 40)

    def test_what_needs_no_radio_works_as_shown(self):
        block = next(block for block in indented(README.split("## Trying it without a radio")[1]))
        lines = [re.split(r" {4,}", line)[0] for line in block.splitlines() if "bench" not in line]
        self.assertGreater(len(lines), 4)
        with tempfile.TemporaryDirectory() as folder:
            os.symlink(PROGRAM, Path(folder) / "atalaya")
            for line in lines:
                result = subprocess.run(line, shell=True, cwd=folder, capture_output=True, text=True, timeout=within(60), check=False,
                                        env={**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"})
                self.assertEqual(result.returncode, 0, (line, result.stderr))
                if "decode" in line:
                    self.assertIn('"unit":"N0CALL-7"', result.stdout, line)
            # What people get wrong with the band that they have now.
            band = str(Path(folder) / "x.cu8")
            result = run("survey", "--from", "144.3", "--to", "145", "-f", "cu8", "-r", "2.4M", "-c", "144.8M", band)
            self.assertEqual((result.returncode, "nothing between --from and --to" in result.stderr), (1, True), result.stderr)
            result = run("decode", band)
            self.assertEqual((result.returncode, "Raw samples need their format and rate" in result.stderr), (1, True), result.stderr)
            result = run("listen", "-s", "type = alsa device = hw:1,0")
            self.assertEqual((result.returncode, "--source:1: ',' is out of place" in result.stderr), (2, True), result.stderr)


if __name__ == "__main__":
    if not os.access(PROGRAM, os.X_OK):
        print(f"skipped: no program at {PROGRAM}")
        sys.exit(77)
    unittest.main()
