# SPDX-License-Identifier: Apache-2.0
"""The n-th allocation fails, for n = 1, 2, 3 and so on over start, work and stop, each in a run of its own: the gateway goes on, or ends
with an error that says why, and never crashes or hangs. Here a seeded share of them; all: ATALAYA_ALLOCATIONS=1. Those that libraries make
too: ATALAYA_ALLOCATIONS_OF=all (7000 and more; libconfuse does not survive all of its own, so what happens before the configuration is read
is counted only). ATALAYA_FAULT_SEED: of the choice."""
import concurrent.futures
import os
import random
import sys
import time

import faults
from faults import Faults
from tower import EMERGENCY, Broker, Tower, encode, position, text, workplace

faults.need()
EACH = int(os.environ.get("ATALAYA_ALLOCATIONS", "4"))
SCOPE = faults.ALL if os.environ.get("ATALAYA_ALLOCATIONS_OF") == "all" else faults.OURS
SEED = int(os.environ.get("ATALAYA_FAULT_SEED", "20261127"))
BOUND_S = 20


def run(folder, tape, broker, fail_from):
    """A whole life. Returns (how many allocations it made, how many failed, where the last was, how it ended, what it said)."""
    folder.mkdir()
    page = Faults(folder / "spool.db")
    page.count_allocations, page.fail_from, page.fail_count = SCOPE, fail_from, 1
    tower = Tower(folder, tape, {"hq": f"port = {broker.port}\nretry_min_s = 0.1\nretry_max_s = 0.2"})
    began = time.monotonic()
    try:
        tower.start(page.environment)
        while tower.process.poll() is None and "has ended" not in tower.log() and time.monotonic() < began + BOUND_S / 2:
            time.sleep(0.02)
        time.sleep(0.1)  # what was heard is being sent
        if tower.process.poll() is None:
            tower.process.terminate()
        status = tower.process.wait(BOUND_S)
        log = tower.log()
        return page.allocations, page.failed, page.failed_at, status, log
    finally:
        if tower.process.poll() is None:
            tower.process.kill()
            tower.process.wait()
        page.close()


def is_reading(outcome):
    """Whether it is a library's failure while the configuration was read: nothing worked yet, and systemd tries again."""
    return SCOPE == faults.ALL and outcome[3] != 0 and " info " not in outcome[4] and " notice " not in outcome[4]


def judge(number, outcome):
    _, failed, where, status, log = outcome
    if is_reading(outcome):
        return None
    if status < 0:
        return f"allocation {number} (at {where:#x}): ended by signal {-status}\n{log[-1500:]}"
    if status != 0 and not any(word in log for word in ("error", "memory", "cannot")):
        return f"allocation {number} (at {where:#x}): status {status} without a word\n{log[-1500:]}"
    if "Sanitizer" in log or "assert" in log.lower():
        return f"allocation {number} (at {where:#x}):\n{log[-1500:]}"
    return None


with workplace() as workshop:
    encode(workshop / "tape.wav", [position(1), EMERGENCY, text(2)], "--rate", "9600", "--gap", "0.05")
    one = Broker(workshop).start()
    try:
        total, failed, _, status, log = run(workshop / "whole", workshop / "tape.wav", one, 0)
        assert status == 0 and failed == 0 and total > 50, (total, failed, status, log)
        chosen = [n for n in range(1, total + 20) if random.Random(SEED + n).randrange(EACH) == 0]
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            outcomes = list(pool.map(lambda n: run(workshop / str(n), workshop / "tape.wav", one, n), chosen))
    finally:
        one.kill()
complaints = [c for c in map(judge, chosen, outcomes) if c]
print(f"{total} allocations, {len(chosen)} runs, in {sum(o[1] for o in outcomes)} of them one failed; "
      f"{sum(o[3] == 0 for o in outcomes)} went on, {sum(o[3] > 0 for o in outcomes)} ended with an error; "
      f"{sum(map(is_reading, outcomes))} before the configuration was read")
for complaint in complaints[:5]:
    print(complaint)
print(len(complaints), "complaints:", [text.split("\n")[0] for text in complaints])
assert sum(o[1] for o in outcomes) > len(chosen) // 2
sys.exit(1 if complaints else 0)
