#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`atalaya listen` on a recording of a band: plain lines without a terminal; on a terminal (a pseudo one) a screen, keys, and
everything as it was before at the end."""
import os
import pty
import select
import struct
import subprocess
import sys
import tempfile
import termios
import time
import unittest
from fcntl import ioctl
from pathlib import Path

from patience import within

PROGRAM = os.environ.get("ATALAYA_PROGRAM", "build/dev/atalaya")
RATE, CENTRE = 250000, 154.6e6
LINES = ['{"protocol":"mdc1200","unit":"0A01","kind":"other","meaning":"ptt_begin","frequency_hz":154560000,"time_s":0.3,"cnr_db":25}',
         '{"protocol":"ax25","unit":"N0CALL-9","kind":"status","status":"on foot","frequency_hz":154640000,"time_s":0.6,"cnr_db":20}']
OPTIONS = ["-f", "cu8", "-r", str(RATE), "-c", str(CENTRE), "-C", "154.56e6,154.64e6", "-p", "mdc1200,ax25"]


class Listen(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.band = str(Path(cls.folder.name) / "band.cu8")
        subprocess.run([PROGRAM, "encode", "-o", cls.band, "--iq", "cu8", "--rate", str(RATE), "--centre", str(CENTRE), "--noise", "-50",
                        "--tail", "0.4", *LINES], check=True)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def test_plain_lines_without_a_terminal(self):
        result = subprocess.run([PROGRAM, "listen", "--fast", *OPTIONS, self.band], capture_output=True, text=True, timeout=within(60))
        self.assertEqual(result.returncode, 0, result.stderr)
        for line in (r"154\.56 0A01 mdc1200 ptt_begin", r"154\.64 N0CALL-9 ax25 on foot",
                     r"154\.56 on the air for 0\.\d s, -2\d dBFS, 2\d dB over noise"):
            self.assertRegex(result.stdout, r"(?m)^\d\d:\d\d:\d\d " + line)
        self.assertNotIn("\033", result.stdout)

    def test_a_screen_with_keys_on_a_terminal(self):
        keeper, terminal = pty.openpty()
        ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
        before = termios.tcgetattr(terminal)
        process = subprocess.Popen([PROGRAM, "listen", *OPTIONS, self.band], stdin=terminal, stdout=terminal, stderr=terminal,
                                   start_new_session=True, preexec_fn=lambda: ioctl(0, termios.TIOCSCTTY, 0),
                                   env=dict(os.environ, LC_ALL="C.UTF-8"))
        output, end, sent = b"", time.monotonic() + 30, False
        while process.poll() is None and time.monotonic() < end:
            if select.select([keeper], [], [], 0.1)[0]:
                output += os.read(keeper, 65536)
            if not sent and b"the recording is over" in output:
                os.write(keeper, b"+q")
                sent = True
        while select.select([keeper], [], [], 0.1)[0]:
            output += os.read(keeper, 65536)
        self.assertEqual(process.wait(5), 0)
        text = output.decode("utf-8")
        self.assertTrue(text.startswith("\033[?1049h\033[?25l"), text[:40])
        self.assertTrue(text.endswith("\033[?25h\033[?1049l"), text[-40:])
        for part in ("250 kHz around 154.600000 MHz", "154.475000", "N0CALL-9", "0A01", "q quit", "\u2588", "the recording is over"):
            self.assertIn(part, text)
        self.assertLess(len(output), 40000)     # for a slow line: about 2 s of it
        self.assertEqual(termios.tcgetattr(terminal), before)

    def test_what_does_not_fit_together_is_refused(self):
        for words in (["listen"], ["listen", "-C", "high", self.band], ["listen", "--refresh", "50", self.band],
                      ["listen", "--source", "type = soapy rate_hz = 1e6 centre_hz = 1e8"], ["listen", "--host", "127.0.0.1", self.band]):
            result = subprocess.run([PROGRAM, *words], capture_output=True, text=True, timeout=within(20))
            self.assertEqual(result.returncode, 2, (words, result))
            self.assertIn("atalaya listen: ", result.stderr)


if __name__ == "__main__":
    if not os.access(PROGRAM, os.X_OK):
        print(f"skipped: no program at {PROGRAM}")
        sys.exit(77)
    unittest.main()
