#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`atalaya watch` shows what a broker has, on a terminal and off it, and says what is wrong in words."""
import contextlib
import json
import os
import pathlib
import pty
import subprocess
import time
import unittest
from xml.etree import ElementTree

from ports import free_port
import schema
from tower import PROGRAM, Broker, Subscriber, ending, workplace

SUPPORT = pathlib.Path(schema.__file__).parent


@contextlib.contextmanager
def a_broker(start=True):
    with workplace() as folder:
        broker = Broker(folder)
        with ending(broker.kill):
            yield broker.start() if start else broker


def example(name):
    return (schema.FOLDER / "examples" / f"{name}.json").read_text()


def watch(broker, *arguments, **options):
    return subprocess.Popen([PROGRAM, "watch", "--port", str(broker.port), *arguments], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True, **options)


def wait_until_watching(process):
    line = process.stderr.readline()
    assert line.startswith("watching"), line


class Watch(unittest.TestCase):
    def test_examples_become_lines_and_count_ends_it(self):
        with a_broker() as broker:
            process = watch(broker, "--count", "4", "--seconds", "20")
            wait_until_watching(process)
            time.sleep(0.2)
            for name, unit in (("status", ""), ("rx", ""), ("position", "/u"), ("message", "/u"), ("distress", "/d")):
                broker.publish(f"atalaya/v1/site/tinajas-altas/{name}{unit}", example(name))
            out, _ = process.communicate(timeout=15)
            self.assertEqual(process.returncode, 0)
            lines = out.splitlines()
            self.assertEqual(len(lines), 4)
            self.assertIn("site online", lines[0])
            self.assertIn("32.31182 -114.04911", lines[1])
            self.assertIn("Water at the upper tank is gone", lines[2])
            self.assertIn("DISTRESS delivered", lines[3])
            self.assertIn("LAST KNOWN  2 min old", lines[3])
            self.assertNotIn("\033", out)

    def test_on_a_terminal_distress_is_red_unless_no_colour_is_wanted(self):
        with a_broker() as broker:
            broker.publish("atalaya/v1/site/t/distress/d", example("distress"), "-r")
            for no_colour, expected in (("", True), ("1", False)):
                ours, theirs = pty.openpty()
                process = subprocess.Popen(
                    [PROGRAM, "watch", "--port", str(broker.port), "--count", "1", "--seconds", "10"],
                    stdout=theirs, stderr=subprocess.DEVNULL, env=dict(os.environ, NO_COLOR=no_colour))
                self.assertEqual(process.wait(15), 0)
                os.close(theirs)
                text = os.read(ours, 65536)
                os.close(ours)
                self.assertIn(b"DISTRESS", text)
                self.assertEqual(b"\033[1;7;31m" in text, expected)

    def test_too_few_lines_in_time_is_a_failure(self):
        with a_broker() as broker:
            process = watch(broker, "--count", "1", "--seconds", "0.5")
            process.communicate(timeout=10)
            self.assertEqual(process.returncode, 1)

    def test_a_broker_that_comes_later_is_found_and_its_absence_said_once(self):
        with a_broker(start=False) as broker:
            process = watch(broker, "--count", "1", "--seconds", "20")
            self.assertIn("is the broker running?", process.stderr.readline())
            time.sleep(1.5)
            broker.start()
            wait_until_watching(process)
            broker.publish("atalaya/v1/site/t/status", example("status"), "-r")
            out, _ = process.communicate(timeout=15)
            self.assertIn("site online", out)

    def test_user_password_file_and_tls(self):
        with a_broker(start=False) as broker:
            users, authority = broker.folder / "users", broker.folder / "ca.pem"
            subprocess.run(["bash", SUPPORT / "certificates.sh", broker.folder], check=True)
            subprocess.run(["mosquitto_passwd", "-c", "-b", users, "centre", "saguaro"], check=True)
            users.chmod(0o644)
            broker.configure(f"allow_anonymous false\npassword_file {users}\ncertfile {broker.folder}/server.pem\n"
                             f"keyfile {broker.folder}/key.pem\n")
            broker.start()
            broker.publish("atalaya/v1/site/t/status", example("status"), "-r", "-u", "centre", "-P", "saguaro", "--cafile", authority)
            secret = broker.folder / "secret"
            secret.write_text("saguaro\n")
            secret.chmod(0o600)
            arguments = ["--user", "centre", "--password-file", str(secret), "--count", "1", "--seconds", "5"]
            process = watch(broker, *arguments, "--ca-file", str(authority))
            self.assertIn("site online", process.communicate(timeout=15)[0])
            process = watch(broker, *arguments, "--ca-file", str(broker.folder / "other-ca.pem"))
            self.assertIn("certificate not trusted", process.communicate(timeout=15)[1])
            secret.write_text("wrong\n")
            process = watch(broker, *arguments, "--ca-file", str(authority))
            self.assertIn("user or password refused", process.communicate(timeout=15)[1])

    def test_hostile_payloads_leave_no_control_character(self):
        with a_broker() as broker:
            process = watch(broker, "--count", "3", "--seconds", "15")
            wait_until_watching(process)
            time.sleep(0.2)
            for payload in ('{"text":"\\u001b]0;x\\u0007\\u009b2J"}', "\033[2J", json.dumps([[]] * 100)):
                broker.publish("atalaya/v1/site/t/message/u", payload)
            out, _ = process.communicate(timeout=15)
            self.assertEqual(len(out.splitlines()), 3)
            self.assertTrue(all(c == "\n" or c.isprintable() for c in out), repr(out))

    def test_tak_gets_events(self):
        with a_broker() as broker:
            process = watch(broker, "--cot", "--count", "3", "--seconds", "15")
            wait_until_watching(process)
            time.sleep(0.2)
            for name, unit in (("status", ""), ("position", "/u"), ("message", "/u"), ("distress", "/d")):
                broker.publish(f"atalaya/v1/site/tinajas-altas/{name}{unit}", example(name))
            closed = json.loads(example("distress")) | {"state": "cleared", "text": "<&\"'\u0001\ufffe\U0001f600"}
            broker.publish("atalaya/v1/site/tinajas-altas/distress/d", closed)
            out, _ = process.communicate(timeout=20)
            events = [ElementTree.fromstring(line) for line in out.splitlines()]
            self.assertEqual([event.get("type") for event in events], ["a-f-G-U-C", "b-a-o-tbl", "b-a-o-can"])
            self.assertEqual(events[1].get("uid"), events[2].get("uid"))
            self.assertEqual(events[1].find("detail/link").get("uid"), events[0].get("uid"))
            self.assertEqual(float(events[0].find("point").get("lat")), 32.31182)

    def test_a_broker_where_nobody_speaks_is_told(self):
        with a_broker() as broker:
            broker.publish("atalaya/v1/site/t/status", example("status"), "-r")
            broker.publish("atalaya/v1/site/t/info", example("info"), "-r")
            words = ([PROGRAM, "watch"], [PROGRAM, "listen", "--host", "127.0.0.1"])
            running = [(prefix, subprocess.Popen([*command, "--port", str(broker.port), "--prefix", prefix, "--seconds", "6"],
                                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True))
                       for command in words for prefix in ("atalaya/v1", "atalaya/v2")]
            for prefix, process in running:
                out, _ = process.communicate(timeout=20)
                self.assertEqual("ever said" in out, prefix == "atalaya/v2", (process.args, out))

    def test_a_receipt_that_a_site_does_not_take_is_told(self):
        with a_broker() as broker:
            key = str(broker.folder / "yuma.key")
            subprocess.run([PROGRAM, "key", "make", "yuma", key], check=True, capture_output=True)
            subscriber = Subscriber(broker)
            process = watch(broker, "--receive", key, "--seconds", "20")
            with ending(process.kill, subscriber.stop):
                wait_until_watching(process)
                broker.publish("atalaya/v1/site/tinajas-altas/distress/d", json.loads(example("distress")), "-r")
                command = subscriber.wait_for("command", 1)[0]
                broker.publish(f"atalaya/v1/site/tinajas-altas/response/{command['id']}", json.loads(example("response")) |
                               {"command": "received", "command_id": command["id"], "accepted": False, "reason": "unknown_key",
                                "detail": "no centre of this site has a key of that name"})
                line = process.stderr.readline()
                self.assertIn("site tinajas-altas did not take the receipt of d", line)
                self.assertIn("unknown_key no centre of this site has a key of that name", line)

    def test_wrong_options_are_explained(self):
        for arguments in (["extra"], ["--cot", "--activity"], ["--port", "99999"], ["--prefix", "x" * 200], ["--host", "mqtt://127.0.0.1"],
                          ["--password-file", "secret"]):
            process = subprocess.run([PROGRAM, "watch", "--seconds", "1", "--port", str(free_port()), *arguments],
                                     capture_output=True, text=True, timeout=10)
            self.assertNotEqual(process.returncode, 0)
            self.assertIn("atalaya watch:", process.stderr)


if __name__ == "__main__":
    unittest.main()
