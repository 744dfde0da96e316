# SPDX-License-Identifier: Apache-2.0
"""Clocks that go faster go so for every way to wait, and the gateway's own: what a soak at speed rests on."""
import os
import subprocess
import sys
import tempfile
import time
import unittest

import faults
import speed

faults.need()
TIMES, WAIT_S = 20, 6
WAYS = {
    "sleep": f"time.sleep({WAIT_S})",
    "a lock": f"threading.Event().wait({WAIT_S})",
    "select": f"select.select([], [], [], {WAIT_S})",
    "poll": f"select.poll().poll({WAIT_S}000)",
    "epoll": f"select.epoll().poll({WAIT_S})",
    "a child": f"subprocess.run(['sleep', '{WAIT_S}'])",
    "wall clock": f"end = time.time() + {WAIT_S}\nwhile time.time() < end: time.sleep(0.1)",
}
TOLD = "import select, subprocess, threading, time\nbegin = time.monotonic()\n{}\nprint(time.monotonic() - begin)"


class Speed(unittest.TestCase):
    def setUp(self):
        self.folder = self.enterContext(tempfile.TemporaryDirectory(prefix="atalaya-speed-"))

    def run_fast(self, *words, **options):
        """Returns what it said and how long that took by the clock outside."""
        begin = time.monotonic()
        done = subprocess.run(words, env={**os.environ, **speed.environment(self.folder, TIMES)}, check=True, text=True,
                              capture_output=True, **options)
        return done, time.monotonic() - begin

    def test_every_way_to_wait(self):
        for way, code in WAYS.items():
            with self.subTest(way):
                done, took_s = self.run_fast(sys.executable, "-c", TOLD.format(code))
                self.assertGreaterEqual(float(done.stdout), WAIT_S)
                self.assertLess(took_s, WAIT_S)


if __name__ == "__main__":
    unittest.main()
