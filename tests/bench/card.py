#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a site writes to its card: bytes a day at 50 bursts a minute, with a broker that takes everything, and without any.

    ATALAYA_PROGRAM=build/release/atalaya PYTHONPATH=tests/support tests/bench/card.py [MINUTES [FOLDER]]

In real time, for batches depend on it, with the intervals of the sample configuration. Counted is write_bytes of
/proc/PID/io: pages that the process made dirty, on the file system of FOLDER (not a tmpfs). A journal of the file
system and the erase blocks of a card come on top."""
import os
import pathlib
import sys
import tempfile
import time

import kiss
from pseudo_terminal import PluggedPort
from tower import Broker, Tower, wait_until

MINUTES = float(sys.argv[1]) if len(sys.argv) > 1 else 5
FOLDER = sys.argv[2] if len(sys.argv) > 2 else "/var/tmp"
A_MINUTE, UNITS, TEXT_EACH = 50, 10, 5
DAY_S = 86400


class Site:
    def __init__(self, folder, name, broker_port):
        self.folder = folder / name
        self.folder.mkdir()
        self.port = PluggedPort(self.folder / "tnc")
        self.port.plug()
        units = "".join(f'unit "patrol-{n}" {{ radios = {{"ax25.N0CALL-{n}"}} }}\n' for n in range(1, UNITS + 1))
        self.tower = Tower(self.folder, None, {"hq": f"port = {broker_port}"}, extra=units + 'site { id = "test" }\nreport { health_s = 60 }\n'
                           f'spool {{ path = "{self.folder}/spool.db" }}\nsource "tnc" {{ type = kiss device = "{self.port.path}" }}\n').start()
        self.name = name

    def say(self, number):
        call = f"N0CALL-{number % UNITS + 1}"
        words = f":DISPATCH :number {number}" if number % TEXT_EACH == 0 else f"!3129.{number % 100:02d}N/11132.{number // 100 % 100:02d}W[number {number}"
        os.write(self.port.end, kiss.frame(call, words))

    def written(self):
        lines = pathlib.Path(f"/proc/{self.tower.process.pid}/io").read_text(encoding="ascii").splitlines()
        return int(next(line for line in lines if line.startswith("write_bytes")).split()[1])


with tempfile.TemporaryDirectory(dir=FOLDER) as name:
    folder = pathlib.Path(name)
    broker = Broker(folder).start()
    sites = [Site(folder, "delivered", broker.port), Site(folder, "waiting", 1)]
    try:
        for site in sites:
            wait_until(lambda: site.port.is_held(site.tower.process), 20, "the TNC is open")
        number = 0

        def go_on(minutes):
            global number
            start, first = time.monotonic(), number
            while number - first < minutes * A_MINUTE:
                time.sleep(max(0.0, start + (number - first) * 60 / A_MINUTE - time.monotonic()))
                for site in sites:
                    site.say(number)
                number += 1
            return time.monotonic() - start

        go_on(0.5)  # the beginning is none of a day
        before = [site.written() for site in sites]
        log = [len(site.tower.log()) for site in sites]
        seconds = go_on(MINUTES)
        for site, first, lines in zip(sites, before, log):
            size = sum(p.stat().st_size for p in site.folder.glob("spool.db*")) / 2**20
            a_day = (site.written() - first) / seconds * DAY_S / 2**20
            print(f"{site.name:<10} {a_day:8.0f} MiB a day, {(site.written() - first) / (MINUTES * A_MINUTE):8.0f} bytes a burst, log "
                  f"{(len(site.tower.log()) - lines) / seconds * DAY_S / 1024:6.0f} KiB a day, spool and its log {size:.1f} MiB", flush=True)
    finally:
        for site in sites:
            if site.tower.process:
                site.tower.process.kill()
            site.port.unplug()
        broker.kill()
