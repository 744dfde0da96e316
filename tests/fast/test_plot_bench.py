#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""scripts/plot-bench turns results into a plot that shows them."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SOURCE = Path(os.environ.get("ATALAYA_SOURCE_DIR", Path(__file__).resolve().parents[2]))
CASE = {
    "case": "audio-flat", "title": "it's white noise", "unit": "Eb/N0", "frames": 4, "seed": 1,
    "curves": [{"decoder": "atalaya", "half_db": 8.5, "tenth_db": None, "false_frames": 0, "times_real_time": 9.0,
                "points": [{"level_db": 8.0, "sent": 4, "decoded": 1, "false_frames": 0},
                           {"level_db": 9.0, "sent": 4, "decoded": 3, "false_frames": 0}]},
               {"decoder": "peer", "not_measured": "not installed", "points": []}],
    "bounds": [{"title": "bound: best of all", "half_db": 5.75, "tenth_db": 7.0},
               {"title": "best without repair", "half_db": 6.25, "tenth_db": 7.5}],
}
EMPTY = dict(CASE, case="iq-flat", curves=[{"decoder": "atalaya", "not_measured": "not offered", "points": []}])


class PlotBench(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        (self.folder / "results").write_text(json.dumps(CASE) + "\n" + json.dumps(EMPTY) + "\n")

    def plot(self, *words):
        return subprocess.run([SOURCE / "scripts/plot-bench", *words], capture_output=True, text=True, timeout=60,
                              cwd=self.folder)

    def test_points_and_bounds_are_in_the_script(self):
        script = self.plot("--script", "results").stdout
        self.assertIn("8.000 75.000\n9.000 25.000\n", script)
        self.assertIn("first 5.750, graph 0", script)
        self.assertNotIn("first 6.250", script)
        self.assertIn("'audio-flat: it''s white noise'", script)
        self.assertNotIn("iq-flat", script)
        self.assertNotIn("peer", script)

    def test_a_picture_comes_out(self):
        if not shutil.which("gnuplot"):
            self.skipTest("gnuplot is not installed")
        result = self.plot("-o", "out.svg", "results")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertIn("audio-flat", (self.folder / "out.svg").read_text())

    def test_nothing_to_plot_is_said(self):
        result = self.plot("results", "iq-flat")
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("no case with a measured point", result.stderr)
        self.assertIn(".png or .svg", self.plot("-o", "out.gif", "results").stderr)


if __name__ == "__main__":
    if not (SOURCE / "scripts/plot-bench").exists():
        print("skipped: no scripts/plot-bench here")
        sys.exit(77)
    unittest.main()
