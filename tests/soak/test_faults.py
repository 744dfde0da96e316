# SPDX-License-Identifier: Apache-2.0
"""Random faults for hours at 50 bursts a minute: the history is a good one, and neither memory nor descriptors grow. By hand:

    ATALAYA_FAULT_HOURS (1)   ATALAYA_FAULT_SEED (drawn and printed)   ATALAYA_FAULT_RATE (bursts a minute, 50)
    ATALAYA_FAULT_SPOOL (keys of the spool's section: "limit = 65536" keeps it full)   ATALAYA_FAULT_KILLS=0 (nothing that ends a run)
    ATALAYA_FAULT_DAMAGE (how often a spool is damaged: 1, of 8 for most of the rest)
    ATALAYA_FAULT_SPEED (1)  how many times faster all its clocks go (tests/support/speed.py); hours and bursts a minute are by these
    ATALAYA_FAULT_SITE  a folder: the site stays there. At the end the power of all of it is cut while it is talked to, and who names it
                        again goes on with that site, and with the history since its first day
"""
import contextlib
import os
import pathlib
import random
import secrets
import time

import faults
import nemeses as n
import speed
from fault_rig import FaultRig
from memory import private_kib
from tower import wait_until, workplace

faults.need()
speed.run_at(int(os.environ.get("ATALAYA_FAULT_SPEED", "1")))
hours = float(os.environ.get("ATALAYA_FAULT_HOURS", "1"))
seed = int(os.environ.get("ATALAYA_FAULT_SEED") or secrets.randbelow(10**6))
rate = float(os.environ.get("ATALAYA_FAULT_RATE", "50"))
generator = random.Random(seed)
# What ends a run comes seldom, so that runs are long enough to show a leak.
WEIGHTS = {nemesis: 8 for nemesis in n.LINK + n.DISK + n.OTHER} | {nemesis: float(os.environ.get("ATALAYA_FAULT_DAMAGE", "1")) for nemesis in n.DAMAGE} | {n.GatewayKilled: 1}
if os.environ.get("ATALAYA_FAULT_KILLS") == "0":
    WEIGHTS = {nemesis: weight for nemesis, weight in WEIGHTS.items() if "gateway" not in nemesis.groups or nemesis is n.NoDescriptors}
WARM_S, LONG_S, SLACK_KIB, SLACK_FDS = 240, 600, 512, 2
SITE = os.environ.get("ATALAYA_FAULT_SITE")
figures = []  # (run, seconds into it, private KiB, descriptors), each taken while nothing is wrong


def choose():
    step, taken = [], set()
    for _ in range(generator.choice((1, 1, 1, 2, 2, 3))):
        nemesis = generator.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
        if not taken & set(nemesis.groups):
            step.append(nemesis)
            taken |= set(nemesis.groups)
    return step


def measure(rig):
    wait_until(lambda: all(link["state"] == "up" for link in (rig.health() or {"links": [{"state": ""}]})["links"]), 60, "links are up again")
    time.sleep(generator.uniform(3, 8))
    pid, run = rig.tower.process.pid, len(rig.history.runs)
    figures.append((run, time.time() - rig.history.runs[-1][0], private_kib(pid), len(list(pathlib.Path(f"/proc/{pid}/fd").iterdir()))))


def place():
    if not SITE:
        return workplace()
    pathlib.Path(SITE).mkdir(mode=0o755, parents=True, exist_ok=True)
    return contextlib.nullcontext(SITE)


def end_of(rig):
    if not SITE:
        rig.judge()
        return
    rig.settle()
    rig.check()
    rig.rate_s = rate / 60
    time.sleep(20)
    rig.cut_power()
    ups = [(end or time.time()) - begin for begin, end in rig.history.runs]
    print(f"up for {sum(ups) / 3600:.2f} h since its first day, {sum(t.name == 'PowerCut' for t in rig.history.troubles)} stretches", flush=True)


print(f"seed {seed}, {hours} h, {rate} bursts a minute", flush=True)
with place() as folder, FaultRig(folder, seed, os.environ.get("ATALAYA_FAULT_SPOOL", ""), rate_s=rate / 60, distress_every=50) as site:
    end = time.monotonic() + 3600 * hours
    measure(site)
    while time.monotonic() < end:
        site.act([choose()], stretch=generator.uniform(1, 3))
        measure(site)
    for run in sorted({f[0] for f in figures}):
        rows = [f for f in figures if f[0] == run]
        print(f"run {run}: {rows[-1][1]:.0f} s, private KiB {[f[2] for f in rows][::max(1, len(rows) // 12)]}, "
              f"descriptors {min(f[3] for f in rows)} to {max(f[3] for f in rows)}", flush=True)
    end_of(site)
for run in sorted({f[0] for f in figures}):
    rows = [f for f in figures if f[0] == run]
    warm = [f for f in rows if f[1] >= WARM_S]
    assert max(f[3] for f in rows) - min(f[3] for f in rows) <= SLACK_FDS, rows
    if warm and rows[-1][1] >= LONG_S:
        third = max(1, len(warm) // 3)
        growth = min(f[2] for f in warm[-third:]) - min(f[2] for f in warm[:third])
        assert growth <= SLACK_KIB, (growth, rows)
