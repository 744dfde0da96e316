#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`atalaya check` and `sample-config` keep their word: the sample is valid as printed and shows every key, and
the exit status follows from the lines."""

import fcntl
import os
import pwd
import random
import re
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from patience import within
from rtl_server import RtlServer

PROGRAM = os.environ.get("ATALAYA_PROGRAM", "build/dev/atalaya")
SOURCE = Path(os.environ.get("ATALAYA_SOURCE_DIR", Path(__file__).resolve().parents[2]))
SITE = 'site { id = "sasabe" }\n'
CHANNEL = 'channel "aprs" { protocols = {"ax25"} }'


def run(*arguments):
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=within(60))


def keys():
    text = (SOURCE / "gateway/config/keys.def").read_text()
    found = re.findall(r"^ATALAYA_(?:KEY|LIST)\((\w+), (\w+),", text, re.M)
    assert len(found) > 40
    return found


class SampleConfig(unittest.TestCase):
    def test_sample_passes_the_check_as_printed(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "atalaya.conf"
            path.write_text(run("sample-config").stdout)
            result = run("check", "--offline", "--config", str(path))
            self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
            said = result.stdout.splitlines()
            self.assertEqual([line[:4] for line in said], ["warn", "ok  "], result.stdout)
            self.assertIn("no centre can acknowledge a distress", said[0])  # its own key is the one thing it cannot have

    def test_sample_is_valid_with_every_key_switched_on(self):
        sample = re.sub(r"^( *)#(\w+ = )", r"\1\2", run("sample-config").stdout, flags=re.M)
        # the one pair of keys that excludes itself; what only other protocols have
        sample = re.sub(r"^ *(password_file|variants|seal_calls_to) = .*\n", "", sample, flags=re.M).replace("tls = false", "tls = true")
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "atalaya.conf"
            path.write_text(sample)
            result = run("check", "--offline", "--config", str(path))
            self.assertEqual(result.returncode, 0, result.stdout + result.stderr)

    def test_sample_and_manual_show_every_key(self):
        sample, manual = run("sample-config").stdout, run("sample-config", "--manual").stdout
        for section, key in keys():
            self.assertRegex(sample, rf"(?m)^ *#?{key} = ", f"{section}.{key}")
            self.assertIn(f".It Ic {key} No = ", manual, f"{section}.{key}")
            self.assertRegex(sample, rf"(?m)^ *{section} .*{{$")


class Check(unittest.TestCase):
    def check(self, text, *options):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "atalaya.conf"
            path.write_text(text.replace("FOLDER", folder))
            return run("check", "--config", str(path), *options)

    def test_an_error_is_told_with_its_line_and_ends_with_2(self):
        result = self.check(SITE + 'source "vhf" {\n type = alsa\n channel "a" { protocls = {"ax25"} }\n}\n', "--offline")
        self.assertEqual(result.returncode, 2)
        self.assertRegex(result.stdout, r"FAIL config .*atalaya.conf:4: no key 'protocls' in channel; did you mean "
                                        r"'protocols'\?")

    def test_keys_and_centres_are_checked(self):
        source = SITE + 'source "vhf" {\n type = stdin\n ' + CHANNEL + '\n}\n'
        key = "bm7S7pl4/BkpgcrlG6y3nJinRPttxS8+4TsURvmNRCU="

        def result(centre):
            return self.check(source + centre, "--offline")

        good = result('centre "yuma" { signer "yuma-1" { public_key = "%s" may = {"acknowledge"} } }\n' % key)
        self.assertEqual((good.returncode, "signer" in good.stdout), (0, False), good.stdout)
        deaf = result('centre "yuma" { signer "yuma-1" { } }\n')
        self.assertRegex(deaf.stdout, r"(?m)^warn config .*:6: no centre can acknowledge a distress: .*atalaya key make")
        self.assertNotIn("can acknowledge", good.stdout)
        unsigned = result('centre "yuma" { accept_unsigned = true }\n')
        self.assertEqual(unsigned.returncode, 0)
        self.assertRegex(unsigned.stdout, "(?m)^warn .*'yuma' is obeyed without signatures")
        for centre, complaint in [
                ('centre "y" { brokers = {"nowhere"} }', "names a broker 'nowhere'"),
                ('centre "y" { signer "k" { public_key = "%s" } }' % key.replace("b", "c", 1), "no Ed25519 key"),
                ('centre "y" { kinds = {"gossip"} }', "wants kind 'gossip'"),
                ('centre "y" { tests = sometimes }', "tests"),
                ('centre "y" { area_km = 80 }', "a part of an area"),
                ('centre "y" { signer "k" { may = {"reboot"} } }', "may 'reboot', which is no command"),
                ('centre "y" { signer "k" { } }\ncentre "z" { signer "k" { } }', "a signer 'k' exists already"),
                ('centre "y" { signer "k" { public_key = "%s" }\nsigner "l" { public_key = "%s" } }' % (key, key),
                 "have the same public_key")]:
            with self.subTest(centre):
                wrong = result(centre + "\n")
                self.assertEqual(wrong.returncode, 2, wrong.stdout)
                self.assertIn(complaint, wrong.stdout)

    def test_a_missing_file_and_a_wrong_option_end_with_2(self):
        self.assertEqual(run("check", "--config", "/nonexistent/a.conf").returncode, 2)
        self.assertEqual(run("check", "--ofline").returncode, 2)
        self.assertEqual(run("check", "stray").returncode, 2)

    def test_offline_touches_nothing(self):
        result = self.check(SITE + f'source "f" {{ type = file path = "absent.wav" {CHANNEL} }}\n'
                            'broker "hq" { host = "127.0.0.1" port = 1 }\n'
                            'unit "a" { radios = {"ax25.N0CALL-9"} }\n', "--offline")
        self.assertEqual(result.returncode, 0, result.stdout)
        self.assertEqual([line[:9] for line in result.stdout.splitlines()], ["ok   conf"], result.stdout)

    def test_an_empty_registry_that_silences_everybody_is_told(self):
        text = SITE + f'source "f" {{ type = file path = "absent.wav" {CHANNEL} }}\n'
        result = self.check(text, "--offline")
        self.assertEqual(result.returncode, 0, result.stdout)
        self.assertRegex(result.stdout, r"(?m)^warn config .*allow_list is true and no unit is registered")
        result = self.check(text.replace('"sasabe"', '"sasabe" allow_list = false'), "--offline")
        self.assertNotIn("allow_list", result.stdout)

    def test_what_fails_is_told_a_line_each_and_ends_with_1(self):
        result = self.check(SITE + 'gpsd { port = 1 }\n'
                            f'source "f" {{ type = file path = "absent.wav" {CHANNEL} }}\n'
                            'broker "hq" { host = "127.0.0.1" port = 1 }\n'
                            'spool { path = "absent/spool.db" }\n')
        self.assertEqual(result.returncode, 1, result.stdout)
        for start in ("ok   config", "FAIL source f: ", "FAIL gpsd: ", "FAIL broker hq: ", "FAIL spool"):
            self.assertTrue(any(line.startswith(start) for line in result.stdout.splitlines()),
                            f"{start} in\n{result.stdout}")
        self.assertRegex(result.stdout, r"(?m)^(ok  |warn) clock: ")

    def test_software_radios_are_tried_and_what_is_wrong_is_told(self):
        band = ('rate_hz = 240000 centre_hz = 144.8e6 channel "%s" { protocols = {"ax25"} frequency_hz = 144.82e6 } }\n')
        result = self.check(SITE + 'gpsd { enabled = false }\n'
                            'source "net" { type = rtl_tcp device = "127.0.0.1:1" ' + band % "n" +
                            'source "usb" { type = soapy device = "driver=tape" serial_number = "T9" ' + band % "u" +
                            'source "tape" { type = soapy device = "driver=tape" ' + band % "t" +
                            'spool { path = "FOLDER/spool.db" }\n')
        self.assertEqual(result.returncode, 1, result.stdout)
        self.assertRegex(result.stdout, r"(?m)^FAIL source net: cannot reach 127\.0\.0\.1 port 1: .*is rtl_tcp running there\?")
        self.assertRegex(result.stdout, r'(?m)^FAIL source usb: no device "driver=tape" with serial number T9')
        if "SOAPY_SDR_PLUGIN_PATH" in os.environ:
            self.assertIn("serial=T2", result.stdout)
            self.assertRegex(result.stdout, r"(?m)^(ok  |warn) source tape: .* 240000 samples/s of cu8 around 144\.800000 MHz")

    def test_what_comes_from_a_source_is_heard(self):
        noise = bytes(random.Random(7).choices(range(108, 148), k=48000))
        for samples, line in ((noise, r"ok   source sdr: .*; peak 0\.1\d\d just now$"),
                              (b"\x80" * 40000, "warn source sdr: .*: every sample is the same")):
            server = RtlServer(240000, samples)
            result = self.check(SITE + 'gpsd { enabled = false }\n'
                                f'source "sdr" {{ type = rtl_tcp device = "127.0.0.1:{server.port}" rate_hz = 240000 centre_hz = 144.8M '
                                'channel "a" { protocols = {"ax25"} frequency_hz = 144.82M } }\nspool { path = "FOLDER/spool.db" }\n')
            self.assertRegex(result.stdout, "(?m)^" + line)
        server.stalled = True
        result = self.check(SITE + f'source "sdr" {{ type = rtl_tcp device = "127.0.0.1:{server.port}" rate_hz = 240000 '
                            'centre_hz = 144.8M channel "a" { protocols = {"ax25"} } }\n')
        self.assertRegex(result.stdout, "(?m)^FAIL source sdr: .*no samples come")

    def test_a_tnc_on_the_network_is_called(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
            result = self.check(SITE + 'gpsd { enabled = false }\n'
                                f'source "here" {{ type = kiss port = {port} }}\n'
                                'source "nobody" { type = kiss port = 1 }\n'
                                'spool { path = "FOLDER/spool.db" }\n')
        self.assertRegex(result.stdout, rf"(?m)^ok   source here: 127\.0\.0\.1 port {port} takes connections")
        self.assertRegex(result.stdout, r"(?m)^FAIL source nobody: cannot reach 127\.0\.0\.1 port 1: .*is a TNC running there\?")

    def test_a_gateway_that_holds_the_devices_is_told(self):
        with tempfile.TemporaryDirectory() as folder, open(Path(folder) / "spool.db-lock", "w", encoding="ascii") as lock:
            text = (SITE + f'gpsd {{ enabled = false }} source "f" {{ type = file path = "absent.wav" {CHANNEL} }}\n'
                    f'spool {{ path = "{folder}/spool.db" }}\n')
            self.assertNotIn("warn gateway", self.check(text).stdout)
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.assertIn("warn gateway: one runs here with this spool: devices it holds are busy", self.check(text).stdout)

    @unittest.skipUnless(os.geteuid() == 0, "only root leaves files that others cannot write")
    def test_what_root_left_behind_is_told_and_who_must_check(self):
        nobody = pwd.getpwnam("nobody").pw_uid
        with tempfile.TemporaryDirectory() as folder:
            program, conf, state = Path(folder) / "atalaya", Path(folder) / "site.conf", Path(folder) / "state"
            Path(folder).chmod(0o755)
            shutil.copy(PROGRAM, program)
            state.mkdir()
            os.chown(state, nobody, -1)
            conf.write_text(SITE + f'gpsd {{ enabled = false }} source "f" {{ type = file path = "absent.wav" {CHANNEL} }}\n'
                            f'spool {{ path = "{state}/spool.db" }}\n')

            def check(**who):
                return subprocess.run([program, "check", "--config", conf], capture_output=True, text=True, timeout=within(60),
                                      check=False, **who).stdout

            self.assertIn("warn user: checked as root", check())
            self.assertIn("sudo -u nobody atalaya check", check())
            self.assertRegex(check(user=nobody), r"(?m)^ok   spool ")
            for name, what in (("spool.db", "spool"), ("spool.db-wal", "spool"), ("spool.db-lock", "spool"), ("spool.db.audit", "audit log")):
                (state / name).touch(0o640)
                self.assertIn(f"FAIL {what} {state}/{name}: it belongs to root; give it to the gateway's user: sudo chown nobody {state}/{name}",
                              check())
                self.assertIn(f"FAIL {what} {state}/{name}: Permission denied; give it to the gateway's user: sudo chown nobody {state}/{name}",
                              check(user=nobody))

    def test_a_world_readable_password_fails_before_it_is_used(self):
        with tempfile.TemporaryDirectory() as folder:
            secret = Path(folder) / "password"
            secret.write_text("invented\n")
            text = (SITE + "gpsd { enabled = false }\n"
                    f'source "f" {{ type = file path = "absent.wav" {CHANNEL} }}\n'
                    f'broker "hq" {{ host = "127.0.0.1" port = 1 user = "sasabe" password_file = "{secret}" }}\n')
            secret.chmod(0o644)
            result = self.check(text)
            self.assertIn("FAIL broker hq: everybody may read", result.stdout)
            secret.chmod(stat.S_IRUSR)
            result = self.check(text)
            self.assertIn("ok   broker hq: password_file", result.stdout)
            self.assertNotIn("invented", result.stdout + result.stderr)


if __name__ == "__main__":
    if not os.access(PROGRAM, os.X_OK):
        print(f"skipped: no program at {PROGRAM}")
        sys.exit(77)
    unittest.main()
