#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A whole gateway and a real mosquitto on loopback under load.

    ATALAYA_PROGRAM=build/release/atalaya PYTHONPATH=tests/support tests/bench/load.py rate [BURSTS_A_SECOND [SECONDS]]
    ... tests/bench/load.py drain [WAITING]              e.g. 100000: how long the gateway takes to bring them to the broker
    ... tests/bench/load.py distress [WAITING [CALLS]]   e.g. 1000000: calls for help while they drain, press to subscriber

Bursts come as frames of a KISS TNC on a pseudo-terminal: no decoder makes a thousand a second. What waits is made by `atalaya bench spool
--keep` on the disk of /var/tmp. Status 1: something was lost, or a call took a second or more."""
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import kiss
from pseudo_terminal import PluggedPort
from tower import PROGRAM, Broker, Tower, wait_until

WHAT = sys.argv[1] if len(sys.argv) > 1 else "rate"
NUMBERS = [int(word) for word in sys.argv[2:]]


class Listener:
    """mosquitto_sub into a file: as fast as a subscriber can be."""

    def __init__(self, folder, broker, *topics):
        self.path = folder / f"heard-{topics[0].replace('/', '-').replace('#', 'all')}"
        words = [word for topic in topics for word in ("-t", f"atalaya/v1/{topic}")]
        with open(self.path, "wb") as out:
            self.process = subprocess.Popen(["mosquitto_sub", "-V", "5", "-h", "127.0.0.1", "-p", str(broker.port), "-q", "1", *words,
                                             "-F", "%U %t %p"], stdout=out)
        time.sleep(0.5)

    def lines(self):
        return self.path.read_bytes().splitlines()

    def count(self):
        return self.path.read_bytes().count(b"\n")


class Rig:
    def __init__(self, folder, limit="64 MiB"):
        self.folder = folder
        self.port = PluggedPort(folder / "tnc")
        self.port.plug()
        self.broker = Broker(folder, "allow_anonymous true\nmax_inflight_messages 1000\n").start()
        self.tower = Tower(folder, None, {"hq": f"port = {self.broker.port}\nretry_min_s = 0.2"},
                           extra=f'report {{ health_s = 60 }}\nspool {{ path = "{folder}/spool.db" limit = "{limit}" }}\n'
                                 f'source "tnc" {{ type = kiss device = "{self.port.path}" }}\n')

    def fill(self, waiting):
        subprocess.run([PROGRAM, "bench", "spool", "-k", "-n", str(waiting), "-o", str(self.tower.spool)], check=True)

    def start(self):
        self.tower.start()
        wait_until(lambda: self.port.is_held(self.tower.process), 120, "the TNC is open")

    def say(self, data):
        while data:
            data = data[os.write(self.port.end, data):]

    def stop(self):
        if self.tower.process:
            self.tower.process.kill()
        self.broker.kill()
        self.port.unplug()


def rate(rig, a_second=1000, seconds=20):
    rig.start()
    listener = Listener(rig.folder, rig.broker, "site/+/message/#")
    total, start = a_second * seconds, time.monotonic()
    for number in range(total):
        if number % 20 == 0:
            time.sleep(max(0.0, start + number / a_second - time.monotonic()))
        rig.say(kiss.frame(f"N0CALL-{number % 15 + 1}", f":DISPATCH :number {number}"))
    said_s = time.monotonic() - start
    wait_until(lambda: listener.count() >= total, 120, "every message")
    arrived_s = time.monotonic() - start
    cpu = rig.tower.cpu_seconds() / arrived_s
    print(f"{total} messages said at {total / said_s:.0f} a second, all at the subscriber {arrived_s - said_s:.1f} s after the last; "
          f"{100 * cpu:.0f} % of a core, {rig.tower.rss_kib() / 1024:.1f} MiB resident")
    return listener.count() == total


def drain(rig, waiting=100000):
    rig.fill(waiting)
    listener = Listener(rig.folder, rig.broker, "site/bench/message/#")
    rig.start()
    start = time.monotonic()
    most = 0
    while listener.count() < waiting:
        most = max(most, rig.tower.rss_kib())
        time.sleep(0.2)
    seconds = time.monotonic() - start
    print(f"{waiting} waiting messages at the subscriber in {seconds:.1f} s: {waiting / seconds:.0f} a second; at most {most / 1024:.1f} MiB resident")
    return listener.count() == waiting


def distress(rig, waiting=1000000, calls=20):
    rig.fill(waiting)
    listener, routine = Listener(rig.folder, rig.broker, "site/+/distress/#"), Listener(rig.folder, rig.broker, "site/bench/message/#")
    rig.start()
    wait_until(lambda: routine.count() > 1000, 60, "the drain has begun")
    pressed = {}
    for number in range(calls):
        call = f"N0CAL{'LMNO'[number // 15 % 4]}-{number % 15 + 1}"
        pressed[call] = time.time()
        rig.say(kiss.emergency(call))
        time.sleep(1.0)
    came = {}
    for line in listener.lines():
        for call in pressed:
            if f'"ax25.{call}"'.encode() in line:
                came.setdefault(call, float(line.split(b" ", 1)[0]))
    left = waiting - routine.count()
    values = sorted(1000 * (came[call] - pressed[call]) for call in pressed if call in came)
    print(f"{len(values)} of {calls} calls, frame to subscriber: median {statistics.median(values):.0f} ms, most {values[-1]:.0f} ms; "
          f"{left} of {waiting} routine messages still waited; {rig.tower.rss_kib() / 1024:.1f} MiB resident")
    return len(values) == calls and values[-1] < 1000 and left > 0


with tempfile.TemporaryDirectory(dir="/var/tmp") as name:
    rig = Rig(pathlib.Path(name), "64 MiB" if WHAT == "rate" else "8 GiB")
    good = False
    try:
        good = {"rate": rate, "drain": drain, "distress": distress}[WHAT](rig, *NUMBERS)
    finally:
        rig.stop()
        if not good:
            print(rig.tower.log()[-2000:])
sys.exit(0 if good else 1)
