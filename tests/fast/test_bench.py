#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`atalaya bench` gives sane answers on a tiny run, in every form it has."""

import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import time
import unittest

PROGRAM = os.environ.get("ATALAYA_PROGRAM", "build/dev/atalaya")


def bench(*words):
    return subprocess.run([PROGRAM, "bench", *words], capture_output=True, text=True, timeout=120)


def catches(pid, number):
    """Whether the process has a handler for this signal by now."""
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"^SigCgt:\s*([0-9a-f]+)$", status, re.M).group(1), 16) >> (number - 1) & 1


class Bench(unittest.TestCase):
    def test_it_lists_what_there_is(self):
        listing = bench().stdout
        for case in ("audio-flat", "audio-twist-6", "fm-fade8", "iq-flat", "g3ruh-audio"):
            self.assertRegex(listing, rf"(?m)^ +{case} ")

    def test_frames_arrive_when_strong_and_not_when_buried(self):
        result = bench("decode", "--frames", "10", "--from", "20", "--to", "20", "--json", "--case", "audio-flat",
                       "--case=fm-flat")
        self.assertEqual(result.returncode, 0, result.stderr)
        cases = [json.loads(line) for line in result.stdout.splitlines()]
        self.assertEqual([case["case"] for case in cases], ["audio-flat", "fm-flat"])
        for case in cases:
            ours = case["curves"][0]
            self.assertEqual(ours["decoder"], "atalaya")
            self.assertEqual([(p["sent"], p["decoded"]) for p in ours["points"]], [(10, 10)])
            self.assertEqual(ours["false_frames"], 0)
            self.assertTrue(case["bounds"])
        buried = json.loads(bench("decode", "-n", "3", "--from", "-9", "--to", "-9", "--json", "fm-flat").stdout)
        self.assertEqual(buried["curves"][0]["points"][0]["decoded"], 0)
        self.assertIsNone(buried["curves"][0]["half_db"])

    def test_signalling_is_measured_beside_hard_decisions(self):
        result = bench("decode", "-n", "4", "--from", "20", "--to", "20", "--json", "mdc1200")
        for case in map(json.loads, result.stdout.splitlines()):
            self.assertEqual([curve["decoder"] for curve in case["curves"]], ["atalaya", "hard, all", "hard, best", "hard, lane", "hard, slicer"])
            for curve in case["curves"][:4]:
                self.assertEqual([(p["sent"], p["decoded"]) for p in curve["points"]], [(4, 4)], case["case"])
            self.assertEqual(case["curves"][0]["false_frames"], 0)

    def test_the_table_says_what_is_not_there(self):
        table = bench("decode", "--frames", "1", "--from", "20", "--to", "20", "il2p-flat", "fm-flat").stdout
        self.assertRegex(table, r"(?m)^fm-flat +CNR +atalaya ")
        self.assertRegex(table, r"(?m)^il2p-flat +Eb/N0 +atalaya ")

    def test_a_stop_is_obeyed(self):
        process = subprocess.Popen([PROGRAM, "bench", "decode", "--frames", "5000", "--json", "fm-flat"],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        while not catches(process.pid, signal.SIGINT):
            self.assertIsNone(process.poll())
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 1)
        self.assertEqual(json.loads(output)["curves"][0]["not_measured"], "stopped")

    def test_mistakes_are_explained(self):
        for words, reason in ((("decode", "no-such-case"), "no case"), (("decode", "-n", "0"), "--frames"),
                              (("decode", "--from", "3"), "belong together"), (("dance",), "no benchmark")):
            result = bench(*words)
            self.assertEqual(result.returncode, 2)
            self.assertIn(reason, result.stderr)
            self.assertEqual(result.stdout, "")


if __name__ == "__main__":
    if not os.access(PROGRAM, os.X_OK):
        print(f"skipped: no program at {PROGRAM}")
        sys.exit(77)
    unittest.main()
