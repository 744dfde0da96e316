#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""scripts/install puts everything in its place below DESTDIR, from and into paths with spaces, keeps a
configuration that is there, and takes away what it brought."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

PROGRAM = os.environ.get("ATALAYA_PROGRAM", "build/dev/atalaya")
SOURCE = Path(os.environ.get("ATALAYA_SOURCE_DIR", Path(__file__).resolve().parents[2]))
BROUGHT = ("usr/bin/atalaya", "usr/share/man/man8/atalaya.8", "usr/share/man/man5/atalaya.conf.5",
           "usr/lib/systemd/system/atalaya.service", "usr/share/atalaya/broker/fleet", "usr/share/atalaya/broker/acl.head",
           "usr/share/atalaya/broker/mosquitto.conf.in", "usr/share/bash-completion/completions/atalaya")
CONFIGURATION = "etc/atalaya/atalaya.conf"


class Install(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="atalaya install ")
        self.addCleanup(self.folder.cleanup)
        self.project = Path(self.folder.name) / "a project"
        shutil.copytree(SOURCE / "scripts", self.project / "scripts")
        self.root = Path(self.folder.name) / "a root"

    def install(self, *options, prefix="/usr"):
        return subprocess.run([self.project / "scripts/install", "--prefix", prefix, "--program",
                               os.path.abspath(PROGRAM), *options],
                              env={**os.environ, "DESTDIR": str(self.root)}, capture_output=True, text=True, timeout=60)

    def mode(self, path):
        return (self.root / path).stat().st_mode & 0o7777

    def test_everything_lands_with_its_mode_and_leaves_again(self):
        result = self.install()
        self.assertEqual(result.returncode, 0, result.stderr)
        for path in BROUGHT:
            self.assertTrue((self.root / path).is_file(), path)
        self.assertEqual(self.mode("usr/bin/atalaya"), 0o755)
        self.assertEqual(self.mode(CONFIGURATION), 0o640)
        self.assertIn("ExecStart=/usr/bin/atalaya run", (self.root / BROUGHT[3]).read_text())

        (self.root / CONFIGURATION).write_text("# mine\n")
        self.assertEqual(self.install().returncode, 0)
        self.assertEqual((self.root / CONFIGURATION).read_text(), "# mine\n")

        self.assertEqual(self.install("--uninstall").returncode, 0)
        left = [str(p.relative_to(self.root)) for p in self.root.rglob("*") if p.is_file()]
        self.assertEqual(left, [CONFIGURATION])
        self.assertEqual(self.install("--uninstall").returncode, 0)

    def test_what_cannot_work_is_refused(self):
        self.assertEqual(self.install(prefix="usr").returncode, 2)
        self.assertEqual(self.install(prefix="/opt/with space").returncode, 2)
        self.assertEqual(self.install("--unheard-of").returncode, 2)
        self.assertFalse(self.root.exists())

    def test_the_shell_completes_commands_their_words_and_options(self):
        script = self.project / "scripts/completion/atalaya"

        def completed(*words):
            """What bash offers for the last of the words."""
            line = " ".join(f"'{word}'" for word in ("./atalaya", *words))
            return subprocess.run(["bash", "-c", f"source '{script}'; COMP_WORDS=({line}) COMP_CWORD={len(words)}; _atalaya; "
                                   'printf "%s\\n" "${COMPREPLY[@]}"'], cwd=self.folder.name, capture_output=True, text=True,
                                  timeout=60, check=True).stdout.split()

        os.symlink(os.path.abspath(PROGRAM), Path(self.folder.name) / "atalaya")
        help_text = subprocess.run([PROGRAM, "--help"], capture_output=True, text=True, timeout=60, check=True).stdout
        commands = re.findall(r"(?m)^  ([a-z][a-z-]*) ", help_text)
        self.assertGreater(len(commands), 15)
        self.assertEqual(completed(""), commands)
        self.assertEqual(completed("sur"), ["survey"])
        self.assertIn("--offline", completed("check", "--o"))
        self.assertIn("fleetsync", completed("decode", "--protocols", "fl"))
        self.assertEqual(completed("command", "ack"), ["acknowledge"])
        for command, words in (("command", "received acknowledge clear message ping transmit reload"), ("key", "make reader show"),
                               ("spool", "list count oldest"), ("bench", "decode speed beacons wideband spool")):
            self.assertLessEqual(set(words.split()), set(completed(command, "")), command)
        self.assertIn("atalaya", completed("decode", "at"))  # files elsewhere

    def test_systemd_understands_the_unit(self):
        if not shutil.which("systemd-analyze"):
            self.skipTest("systemd-analyze is not installed")
        self.assertEqual(self.install().returncode, 0)
        unit = Path(self.folder.name) / "atalaya.service"
        # verify wants the program and the manual to exist: give it what every machine has
        text = (self.root / BROUGHT[3]).read_text().replace("/usr/bin/atalaya ", "/bin/true ")
        unit.write_text("\n".join(line for line in text.splitlines() if not line.startswith("Documentation=")) + "\n")
        result = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True, timeout=60)
        complaints = [line for line in (result.stdout + result.stderr).splitlines() if "atalaya.service" in line]
        self.assertEqual(complaints, [])


if __name__ == "__main__":
    if not os.access(PROGRAM, os.X_OK):
        print(f"skipped: no program at {PROGRAM}")
        sys.exit(77)
    unittest.main()
