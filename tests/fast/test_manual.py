#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The manual pages are well-formed and complete: every command, every section, every key."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from patience import within

PROGRAM = os.environ.get("ATALAYA_PROGRAM", "build/dev/atalaya")
SOURCE = Path(os.environ.get("ATALAYA_SOURCE_DIR", Path(__file__).resolve().parents[2]))


class Manual(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        subprocess.run([SOURCE / "scripts/man/build", PROGRAM, cls.folder.name], check=True, timeout=within(60))
        cls.pages = {page.name: page for page in Path(cls.folder.name).iterdir()}

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def test_every_command_is_described(self):
        commands = re.findall(r'^ATALAYA_COMMAND\("([^"]+)"',
                              (SOURCE / "include/atalaya/gateway/commands.def").read_text(), re.M)
        self.assertGreater(len(commands), 5)
        for command in commands:
            self.assertRegex(self.pages["atalaya.8"].read_text(), rf"(?m)^\.It Cm {re.escape(command)}\b")

    def test_every_key_is_described(self):
        page = self.pages["atalaya.conf.5"].read_text()
        for key in re.findall(r"^ATALAYA_(?:KEY|LIST)\(\w+, (\w+),",
                              (SOURCE / "gateway/config/keys.def").read_text(), re.M):
            self.assertIn(f".It Ic {key} No = ", page)

    def test_mandoc_finds_nothing_to_complain_about(self):
        if not shutil.which("mandoc"):
            self.skipTest("mandoc is not installed")
        for page in self.pages.values():
            result = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", page], capture_output=True, text=True,
                                    timeout=within(60))
            self.assertEqual(result.stdout, "")
            self.assertEqual(result.returncode, 0)


if __name__ == "__main__":
    if not os.access(PROGRAM, os.X_OK):
        print(f"skipped: no program at {PROGRAM}")
        sys.exit(77)
    unittest.main()
