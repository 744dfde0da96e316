# SPDX-License-Identifier: Apache-2.0
"""A thousand commands a second through a broker, unsigned, broken, signed by a centre gone wild, and said again: a call for help
gets through as fast as in silence, another centre's acknowledgement is obeyed, memory and disk stay as they are, and what
answers there are stay few. Who is too fast is told so."""
import contextlib
import json
import os
import sqlite3
import struct
import subprocess
import threading
import time

from centre import Key, stamp
from intruder import Client, text
from sounder import Ear, samples
from tower import PROGRAM, Broker, Subscriber, Tower, wait_until, workplace

SITE = "atalaya/v1/site/test"
SECONDS, PER_SECOND, SIGNED = 1.5, 1000, 60
MAY_TAKE_S = 1.0  # longer than in silence


class Flood(threading.Thread):
    """Publishes payloads, QoS 1, a thousand a second, and does not wait for answers."""

    def __init__(self, broker, name, payloads):
        super().__init__(daemon=True)
        self.client, self.topic, self.payloads = Client(broker.port, None, f"flood-{name}"), f"{SITE}/command/{name}", payloads
        self.sent, self.serial = 0, 0
        self.start()

    def run(self):
        began = time.monotonic()
        while time.monotonic() < began + SECONDS:
            for _ in range(PER_SECOND // 50):
                self.serial = self.serial % 65535 + 1
                payload = self.payloads[self.sent % len(self.payloads)]
                self.client._send(0x32, text(self.topic) + struct.pack(">H", self.serial) + payload)
                self.sent += 1
            self.client._listen(0)
            time.sleep(max(0.0, began + self.sent / PER_SECOND - time.monotonic()))


def unsigned():
    return [json.dumps({"v": 1, "id": f"u-{i}", "time": stamp(), "expires": stamp(600), "centre": "yuma", "arguments": {}}).encode()
            for i in range(500)]


def broken():
    return [b"{" * 4000, b'{"v":1,"padding":"' + b"x" * 150000 + b'"}', b"x" * 9000, b"", b'{"v":1}', b"[" * 8000 + b"]" * 8000,
            json.dumps({"v": 1, "id": "y" * 64, "time": "never", "expires": 5}).encode()]


def signed(key):
    words = [PROGRAM, "command", "ping", "--site", "test", "--key", str(key.path), "--print", "--expires", "3600"]
    return [subprocess.run(words, check=True, capture_output=True).stdout.strip() for _ in range(SIGNED)]


class Scene:
    def __init__(self, folder):
        self.folder, self.calls = folder, 0
        self.broker = Broker(folder).start()
        self.subscriber = Subscriber(self.broker, "-T", f"{SITE}/command/#")
        self.wild, self.person = Key(PROGRAM, folder, "yuma-1"), Key(PROGRAM, folder, "ajo-1")
        self.ear = Ear()
        self.tower = Tower(folder, None, {"hq": f"port = {self.broker.port}"},
                           extra='source "radio" { type = stdin rate_hz = 48000 channel "aprs" { protocols = {"ax25"} } }\n'
                                 'centre "yuma" {\n' + self.wild.section(["ping", "acknowledge"]) + '}\n'
                                 'centre "ajo" {\n' + self.person.section(["acknowledge"]) + "}\n")
        self.tower.start(None, self.ear.read_end)
        self.ear.start()
        self.tower.wait_for_log("is up")

    def help_after_s(self):
        """A new crew calls; how long until the broker has it."""
        self.calls += 1
        self.ear.say(samples(self.folder, f"N0CALL-{self.calls}>APZATL:>EMERGENCY number {self.calls}"))
        began = time.monotonic()
        unit = f"ax25.N0CALL-{self.calls}"
        wait_until(lambda: any(d["unit"] == unit for d in self.subscriber.documents("distress")), 30, f"the call of {unit}")
        return time.monotonic() - began, next(d["distress"] for d in self.subscriber.documents("distress") if d["unit"] == unit)

    def acknowledge(self, distress):
        """Said once. The wait covers a broker whose queue for the site the broken ones have stuck (broker.way_back)."""
        words = [PROGRAM, "command", "acknowledge", "--site", "test", "--key", str(self.person.path), "--port",
                 str(self.broker.port), "--distress", distress, "--person", "Ana Ruiz", "--wait", "40"]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done

    def remembered(self):
        """What was written of commands, against replay."""
        with contextlib.closing(sqlite3.connect(f"file:{self.tower.spool}?mode=ro", uri=True)) as spool:
            return spool.execute("SELECT count(*) FROM state WHERE grp = 'command'").fetchone()[0]

    def answers(self):
        return self.subscriber.documents("response")

    def close(self):
        if self.tower.process:
            self.tower.process.kill()
            self.tower.process.wait()
        self.ear.close()
        self.subscriber.stop()
        self.broker.kill()


def main():
    with workplace() as folder:
        scene = Scene(folder)
        try:
            quiet_s, distress = min(scene.help_after_s() for _ in range(2))
            scene.acknowledge(distress)
            memory, written, before = scene.tower.rss_kib(), scene.remembered(), len(scene.answers())
            floods = {"unsigned": unsigned(), "broken": broken(), "signed": signed(scene.wild)}
            floods["again"] = floods["signed"]
            for name, payloads in floods.items():
                flood = Flood(scene.broker, "ping", payloads)
                time.sleep(0.3)
                took_s, distress = scene.help_after_s()
                scene.acknowledge(distress)
                flood.join()
                print(f"{name}: {flood.sent} sent, help after {took_s:.2f} s ({quiet_s:.2f} s in silence)")
                assert flood.sent > SECONDS * PER_SECOND / 2 and took_s < quiet_s + MAY_TAKE_S, (name, flood.sent, took_s)
            answers = scene.answers()[before:]
            reasons = {reason: sum(d.get("reason") == reason for d in answers) for reason in {d.get("reason") for d in answers}}
            grown = scene.tower.rss_kib() - memory, scene.remembered() - written
            print(f"answers {reasons}, memory +{grown[0]} KiB, {grown[1]} commands written down")
            assert reasons[None] < 60 and len(answers) < 200, reasons  # 4 acknowledged; pings of a burst
            assert {"unsigned", "malformed", "rate_limited", "replayed"} & set(reasons) >= {"unsigned", "rate_limited"}, reasons
            # The sanitizer keeps what was freed.
            assert (grown[0] < 6144 or os.environ.get("ATALAYA_SANITIZE")) and grown[1] <= 40, grown  # a burst of pings, four acknowledged
            assert scene.tower.stop() == 0
        except BaseException:
            print(scene.tower.log()[-3000:])
            raise
        finally:
            scene.close()
    print("heard through the noise")


main()
