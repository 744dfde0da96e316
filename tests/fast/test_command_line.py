#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a user types wrongly is answered with what is wrong, where, and what would be right; nothing given is
passed over in silence."""

import os
import re
import select
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from patience import within

PROGRAM = os.environ.get("ATALAYA_PROGRAM", "build/dev/atalaya")
SOURCE = Path(os.environ.get("ATALAYA_SOURCE_DIR", Path(__file__).resolve().parents[2]))
COMMANDS = re.findall(r'^ATALAYA_COMMAND\("([^"]+)"', (SOURCE / "include/atalaya/gateway/commands.def").read_text(), re.M)


def run(*arguments):
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=within(60),
                          stdin=subprocess.DEVNULL)


class CommandLine(unittest.TestCase):
    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory()
        self.addCleanup(self.scratch.cleanup)
        self.folder = Path(self.scratch.name)

    def refused(self, words, *arguments, status=2):
        result = run(*arguments)
        self.assertEqual((result.returncode, result.stdout), (status, ""), result.stderr)
        self.assertIn(words, result.stderr)

    def test_help_is_found_by_every_way_and_no_letter_means_two_things(self):
        self.assertGreater(len(COMMANDS), 5)
        for command in COMMANDS:
            text = run(command, "--help").stdout
            self.assertTrue(text)
            letters = re.findall(r"^  -(\w), --", text, re.M)
            self.assertEqual(len(letters), len(set(letters)), text)
            self.assertNotRegex(text, r"(?m) $")
        for ways in (["help", "decode"], ["decode", "-h"]):
            self.assertEqual(run(*ways).stdout, run("decode", "--help").stdout)
        self.assertEqual(run("-h").stdout, run("--help").stdout)
        self.refused("no command 'foo'", "help", "foo")

    def test_a_configuration_that_cannot_be_read_is_named(self):
        (self.folder / "large").write_bytes(b" " * 1048577)
        for path, words in (("/nonexistent/a.conf", "No such file"), (str(self.folder), "Is a directory; name a file"),
                            (str(self.folder / "large"), "larger than 1 MiB")):
            self.assertRegex(run("check", "--config", path).stdout, rf"^FAIL config {path}: .*{words}")
        for command in ("run", "sandbox", "ptt-off", "incident", "watch", "listen"):
            self.assertIn("/nonexistent/a.conf: cannot be read", run(command, "--config", "/nonexistent/a.conf").stderr)

    def test_a_word_of_a_list_that_is_not_known_is_refused(self):
        for option, what in (("-p", "protocol"), ("-m", "modem"), ("-V", "variant")):
            known = {"-p": "ax25", "-m": "bell202", "-V": "zvei1"}[option]
            for given in ("foo", f"{known},foo"):
                self.refused(f"no {what} 'foo'; see atalaya protocols", "decode", option, given, "x.wav")
        self.refused("'x' was given", "protocols", "x")

    def test_a_number_that_is_none_is_quoted(self):
        for number in ("48kHz", "144,39M", "nan", "1e999", "M", ""):
            self.refused(f"'{number}' of --rate is not a usable number", "decode", "-r", number, "x.wav")

    def test_numbers_may_have_k_M_and_G_behind_them(self):
        band = str(self.folder / "x.cu8")
        self.assertEqual(run("encode", "-I", "cu8", "-r", "96k", "-c", "144.4M", "-C", "0.14439G", "-t", "0", "-o", band,
                             "N0CALL-7>APZATL:>on foot").returncode, 0)
        told = run("decode", "-p", "ax25", "-f", "cu8", "-r", "0.096M", "-c", "144400k", "-C", "144.39M,144.42e6", band)
        self.assertEqual((told.returncode, told.stdout.count("on foot")), (0, 1), told.stderr)
        self.assertIn('"channel":"144.39"', told.stdout)

    def test_a_prefix_that_is_no_topic_is_refused(self):
        for command in (["watch"], ["listen", "--host", "127.0.0.1"]):
            for prefix in ("", "a/#", "a/"):
                result = run(*command, "--port", "1", "--seconds", "0.2", "--prefix", prefix)
                self.assertRegex(result.stderr, f"--prefix is words .*, not '{prefix}'")
                self.assertNotEqual(result.returncode, 0)
        self.refused("or --host alone", "listen", "--host", "127.0.0.1", "--config", "a.conf")

    def test_the_option_that_is_out_of_range_is_named(self):
        capture = ["capture", "-o", str(self.folder / "c"), "-f", "cu8", "-r", "2.4e6", "x.cu8"]
        for option in ("--width", "--before", "--most", "--megabytes", "--seconds"):
            self.refused(option, *capture, option, "-1")
        for option in ("--refresh", "--interval", "--seconds"):
            self.refused(option, "listen", "x.wav", option, "-1")
        self.refused("--seconds", "watch", "--seconds", "-1")

    def test_a_command_says_what_it_lacks_before_it_looks_for_a_broker(self):
        site = ["--site", "sasabe", "--port", "1"]
        self.refused("received, acknowledge, clear, message, ping, transmit or reload", "command", "foo", *site)
        self.refused("needs --site, or --incident", "command", "ping")
        self.refused("the name of a site is", "command", "ping", "--site", "a/b")
        self.refused("--distress is missing; see atalaya command --help", "command", "acknowledge", *site)
        self.refused("--person is missing", "command", "acknowledge", *site, "--distress", "d")
        self.refused("--outcome does not belong to this command", "command", "ping", *site, "--outcome", "cleared")

    def test_a_watch_that_never_found_a_broker_has_failed(self):
        result = run("watch", "--port", "1", "--seconds", "0.1")
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assertIn("connection refused", result.stderr)

    def test_what_is_not_there_is_no_fault_of_the_log(self):
        result = run("incident", "--path", str(self.folder / "spool.db"))
        self.assertEqual(result.returncode, 1)
        self.assertNotIn("FAULT", result.stderr)
        self.assertIn("No such file", result.stderr)

    def test_a_source_that_gives_no_samples_is_not_listened_to(self):
        config = self.folder / "a.conf"
        config.write_text('site { id = "t" }\nsource "radio" { type = serial device = "/dev/null" }\n')
        for command in (["listen"], ["survey", "--from", "1e6", "--to", "2e6"], ["capture", "-o", str(self.folder / "c")]):
            self.refused("'radio' is on a serial port", *command, "--config", str(config), "radio")
        self.refused("has no source 'rdio'; its first is 'radio'", "listen", "--config", str(config), "rdio")

    def test_nothing_written_is_said(self):
        empty, out = self.folder / "empty", str(self.folder / "x.wav")
        empty.write_text("# nothing\n\n")
        self.refused("no message in it", "encode", "-o", out, "-i", str(empty), status=1)
        (self.folder / "quiet.cu8").write_bytes(b"\x80" * 480000)
        self.refused("nobody was heard", "capture", "-o", str(self.folder / "c"), "-f", "cu8", "-r", "2.4e6",
                     str(self.folder / "quiet.cu8"), status=0)

    def test_output_that_has_no_room_is_a_failure(self):
        sound = str(self.folder / "x.wav")
        self.assertEqual(run("encode", "-o", sound, "N0CALL-7>APZATL:>on foot").returncode, 0)
        with open("/dev/full", "wb") as full:
            for arguments in (["decode", sound], ["protocols"], ["sample-config"]):
                ended = subprocess.run([PROGRAM, *arguments], stdout=full, stderr=subprocess.DEVNULL, timeout=within(60))
                self.assertEqual(ended.returncode, 1, arguments)

    def test_what_is_heard_live_is_told_at_once(self):
        sound = str(self.folder / "x.wav")
        self.assertEqual(run("encode", "-o", sound, "-t", "1", "N0CALL-7>APZATL:>on foot").returncode, 0)
        with subprocess.Popen([PROGRAM, "decode", "-q", "-f", "s16", "-r", "48000", "-"], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE) as live:
            self.addCleanup(live.kill)
            live.stdin.write(Path(sound).read_bytes()[44:])
            live.stdin.flush()
            self.assertTrue(select.select([live.stdout], [], [], within(20))[0], "nothing while it listens")
            self.assertIn(b"on foot", live.stdout.readline())
            live.stdin.close()


if __name__ == "__main__":
    if not os.access(PROGRAM, os.X_OK):
        print(f"skipped: no program at {PROGRAM}")
        sys.exit(77)
    unittest.main()
