# SPDX-License-Identifier: Apache-2.0
"""Days of a site that nobody visits, with what it is given by default, on clocks that go many times faster (tests/support/speed.py): a burst
every other minute, a call for help every eight hours that a centre acknowledges and closes, the daily test of each channel; the broker goes
for an hour, the site is killed or restarted, gpsd is gone. All that was said arrives once, each call is one incident and closed, and memory,
descriptors, log and disk stay what they were on the first day. By hand:

    ATALAYA_DAYS (3)   ATALAYA_FAULT_SPEED (50)   ATALAYA_FAULT_SEED (drawn and printed)
"""
import array
import json
import os
import pathlib
import random
import re
import secrets
import threading
import time

import speed
from centre import Key
from fault_rig import Tnc
from gpsd import Feed, Gpsd, find_gpsd
from memory import private_kib
from tower import PROGRAM, Broker, Subscriber, Tower, encode, ending, position, text, wait_until, workplace

speed.run_at(int(os.environ.get("ATALAYA_FAULT_SPEED", "50")))
DAYS = float(os.environ.get("ATALAYA_DAYS", "3"))
seed = int(os.environ.get("ATALAYA_FAULT_SEED") or secrets.randbelow(10**6))
chance = random.Random(seed)
RATE_HZ, BLOCK_S, HOUR_S, DAY_S = 9600, 0.5, 3600, 86400
BURST_EVERY_S, CALL_EVERY_S, TROUBLE_EVERY_S, EDGE_S = 120, 8 * HOUR_S, 5 * HOUR_S, 30
SLACK_KIB, SLACK_FDS, LOG_LINES_A_DAY, SPOOL_BYTES = 512, 2, 600, 8 << 20
UNITS = "".join(f'unit "patrol-{n}" {{ radios = {{"ax25.N0CALL-{n}"}} expect_every_s = 7200 }}\n' for n in (1, 2, 3, 7))


class Ether(threading.Thread):
    """Standard input of the gateway: a discriminator's noise, and what is said."""

    def __init__(self, path):
        super().__init__(daemon=True)
        self.path, self.over, self.said, self.lock = path, False, [], threading.Lock()
        self.read_end, self.write_end = os.pipe()
        os.set_blocking(self.write_end, False)
        size = int(2 * RATE_HZ * BLOCK_S)
        self.noise = [array.array("h", (round(chance.gauss(0, 700)) for _ in range(size // 2))).tobytes() for _ in range(40)]
        self.size, self.lost = size, 0

    def say(self, line):
        encode(self.path, [line], "--rate", str(RATE_HZ), "--gap", "0.1")
        sound = self.path.read_bytes()[44:]
        with self.lock:
            self.said += [sound[i:i + self.size].ljust(self.size, b"\0") for i in range(0, len(sound), self.size)]

    def run(self):
        due = time.monotonic()
        while not self.over:
            with self.lock:
                block = self.said.pop(0) if self.said else chance.choice(self.noise)
            try:
                os.write(self.write_end, block)
            except OSError:
                self.lost += 1
            due = max(due + BLOCK_S, time.monotonic() - 2 * BLOCK_S)
            time.sleep(max(0.0, due - time.monotonic()))


class Centre(Subscriber):
    """Reads on, or its pipe is full while nobody asks."""

    def __init__(self, *arguments):
        self.lock = threading.Lock()
        super().__init__(*arguments)
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        while self.process.poll() is None:
            self.poll()
            time.sleep(5)

    def poll(self):
        with self.lock:
            return super().poll()


class Site:
    def __init__(self, folder):
        self.broker = Broker(folder)
        self.broker.config.write_text(self.broker.config.read_text().replace(
            "persistence false", f"persistence true\npersistence_location {folder}/\nuser root"))
        self.broker.start()
        self.centre = Centre(self.broker, "-c")
        self.key = Key(PROGRAM, folder, "yuma-1")
        self.ether, self.tnc = Ether(folder / "said.wav"), Tnc(folder / "tnc")
        self.ether.start()
        self.tnc.plug()
        self.gpsd = Gpsd().start() if find_gpsd() else None
        if self.gpsd:
            Feed(self.gpsd, 1.0).place = (31.49, -111.52, 3, 1e-5)
        self.tower = Tower(folder, None, {"hq": f"port = {self.broker.port}"}, extra=(
            f'site {{ id = "test" }}\nreport {{ }}\nspool {{ path = "{folder}/spool.db" }}\n{UNITS}'
            f'source "tnc" {{ type = kiss device = "{self.tnc.path}" }}\n'
            f'source "radio" {{ type = stdin rate_hz = {RATE_HZ} channel "aprs" {{ protocols = {{"ax25"}} }} }}\n'
            f'centre "yuma" {{ brokers = {{"hq"}} {self.key.section(["received", "acknowledge", "clear"])} }}\n'
            + (f"gpsd {{ port = {self.gpsd.port} }}\n" if self.gpsd else "gpsd { enabled = false }\n")))
        self.number, self.calls, self.expected, self.unsure, self.figures, self.starts = 0, [], {}, set(), [], 0
        self.troubles = 0
        self.start()

    def start(self):
        self.starts += 1
        self.tower.start(stdin=self.ether.read_end)
        wait_until(lambda: self.tower.log().count(" is up: ") >= self.starts, 60, "the gateway is up")

    def close(self):
        self.ether.over = True
        self.tower.kill()
        self.centre.stop()
        self.broker.kill()
        if self.gpsd:
            self.gpsd.close()
        self.tnc.unplug()

    # ---- what happens

    def speak(self):
        self.number += 1
        kind, unit = chance.choice(("position", "message")), f"N0CALL-{chance.randint(1, 3)}"
        line = (position if kind == "position" else text)(self.number, unit)
        self.expected[self.number] = kind, time.time()
        if chance.random() < 0.2:
            self.ether.say(line)
        else:
            self.tnc.say(*line.split(">APZATL,WIDE1-1:" if kind == "position" else ">APZATL:"))

    def call(self):
        """Help is called for, three times in a few minutes; the centre's person has it, and later it is over."""
        before = {d["distress"] for d in self.centre.documents("distress")}
        self.calls.append(time.time())
        for _ in range(3):
            self.tnc.say("N0CALL-7", f">SOS call {len(self.calls)}")
            time.sleep(chance.uniform(20, 60))
        wait_until(lambda: len({d["distress"] for d in self.centre.documents("distress")} - before) == 1, 300, "one incident")
        (name,) = {d["distress"] for d in self.centre.documents("distress")} - before
        self.order("acknowledge", {"distress": name, "person": "Ana Ruiz"})
        time.sleep(chance.uniform(600, 2400))
        self.order("clear", {"distress": name, "person": "Ana Ruiz", "outcome": "cleared"})
        wait_until(lambda: self.newest(name)["state"] == "cleared", 60, "the incident is closed")

    def newest(self, name):
        return [d for d in self.centre.documents("distress") if d["distress"] == name][-1]

    def order(self, what, arguments):
        known = len(self.centre.documents("response"))
        self.broker.publish(f"atalaya/v1/site/test/command/{what}", self.key.command("test", what, arguments, life=600))
        answer = self.centre.wait_for("response", known + 1, 120)[known]
        assert answer["accepted"], answer

    def disturb(self):
        self.troubles += 1
        what = chance.choices(("broker", "gpsd", "kill", "restart"), (4, 4, 1, 1))[0]
        print(f"{self.hours():.1f} h: {what}", flush=True)
        if what == "broker":
            self.broker.kill(15)
            time.sleep(chance.uniform(300, HOUR_S))
            self.broker.start()
        elif what == "gpsd" and self.gpsd:
            self.gpsd.stop()
            time.sleep(chance.uniform(300, HOUR_S))
            self.gpsd.start()
        elif what in ("kill", "restart"):
            begin = time.time()
            self.tower.stop(9 if what == "kill" else 15)
            self.start()
            self.unsure |= {n for n, (_, at) in self.expected.items() if at > begin - EDGE_S}
            self.quiet_until = time.time() + EDGE_S

    # ---- how the site is

    def hours(self):
        return (time.time() - self.began) / HOUR_S

    def look(self):
        pid = self.tower.process.pid
        self.figures.append((self.starts, self.hours(), private_kib(pid), len(list(pathlib.Path(f"/proc/{pid}/fd").iterdir())),
                             self.tower.spool.stat().st_size, self.tower.log().count("\n")))

    def live(self):
        self.began, self.quiet_until = time.time(), 0
        due = {self.speak: 0, self.look: HOUR_S / 2, self.call: HOUR_S, self.disturb: 3 * HOUR_S}
        every = {self.speak: BURST_EVERY_S, self.look: HOUR_S, self.call: CALL_EVERY_S, self.disturb: TROUBLE_EVERY_S}
        while self.hours() < 24 * DAYS:
            what = min(due, key=due.get)
            time.sleep(max(0.0, self.began + due[what] - time.time(), self.quiet_until - time.time()))
            what()
            now = time.time() - self.began
            due[what] = max(due[what] + (chance.expovariate(1 / every[what]) if what == self.speak else every[what]), now)

    def judge(self):
        wait_until(lambda: self.tower.waiting() == [], 600, "an empty spool")
        time.sleep(180)
        health, stats = self.centre.documents("health"), self.centre.documents("stats")
        got = {}
        for _, topic, _, d in self.centre.poll():
            found = d and re.search(r"number (\d+)", d.get("comment") or d.get("text") or "")
            if found and topic.split("/")[2] in ("position", "message"):
                got.setdefault(int(found.group(1)), set()).add(d["id"])
        lost = [n for n in self.expected if n not in got and n not in self.unsure]
        doubled = [n for n, ids in got.items() if len(ids) > 1]
        passed = {}
        for d in stats:  # since the start, each
            passed[d["boot"]] = max(d["self_tests_passed"], passed.get(d["boot"], 0))
        tests, failed = sum(passed.values()), sum(d["self_tests_failed"] for d in stats)
        incidents = {d["distress"]: d["state"] for d in self.centre.documents("distress")}
        runs = sorted({f[0] for f in self.figures})
        print(f"{self.hours() / 24:.2f} days: {self.number} bursts, {len(self.unsure)} at the edge of a restart, {len(self.calls)} calls, "
              f"{self.troubles} troubles, {len(runs)} runs, {len(health)} of health, {tests} daily tests passed, blocks of sound lost "
              f"{self.ether.lost}", flush=True)
        for run in runs:
            rows = [f for f in self.figures if f[0] == run]
            print(f"run {run}, {rows[-1][1] - rows[0][1]:.1f} h: private KiB {[f[2] for f in rows][::max(1, len(rows) // 10)]}, descriptors "
                  f"{ {f[3] for f in rows} }, spool {max(f[4] for f in rows)}", flush=True)
        print(f"log lines {self.figures[-1][5]}; last health {json.dumps(health[-1])}", flush=True)
        assert not lost, lost
        assert not doubled, doubled
        assert len(incidents) == len(self.calls) and set(incidents.values()) == {"cleared"}, incidents
        assert health[-1]["well"], health[-1]
        assert tests >= int(DAYS) and not failed, (tests, failed)
        assert self.figures[-1][5] <= LOG_LINES_A_DAY * max(1, DAYS), "the log grows"
        assert max(f[4] for f in self.figures) <= SPOOL_BYTES, "the spool grows"
        for run in runs:
            rows = [f for f in self.figures if f[0] == run][1:]
            assert not rows or max(f[3] for f in rows) - min(f[3] for f in rows) <= SLACK_FDS, rows
            third = max(1, len(rows) // 3)
            assert len(rows) < 6 or min(f[2] for f in rows[-third:]) - min(f[2] for f in rows[:third]) <= SLACK_KIB, rows
        assert self.tower.stop() == 0, self.tower.log()[-3000:]


print(f"seed {seed}, {DAYS} days", flush=True)
with workplace() as place:
    site = Site(place)
    with ending(site.close, site.tower.kill):
        site.live()
        site.judge()
