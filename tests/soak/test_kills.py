# SPDX-License-Identifier: Apache-2.0
"""kill -9 of the gateway at any moment of its life, start included, while bursts come, brokers listen and the way to one of them comes and
goes: the history is a good one. By hand: ATALAYA_KILLS (1000), ATALAYA_FAULT_SEED (drawn and printed)."""
import os
import secrets
import signal
import time

import faults
from fault_rig import FaultRig
from nemeses import LinkDown
from tower import workplace

faults.need()
kills = int(os.environ.get("ATALAYA_KILLS", "1000"))
seed = int(os.environ.get("ATALAYA_FAULT_SEED") or secrets.randbelow(10**6))
print(f"seed {seed}, {kills} kills", flush=True)
began = time.monotonic()
with workplace() as folder, FaultRig(folder, seed, rate_s=20, sound_every=80, gpsd=False) as rig:
    shut = None
    for kill in range(kills):
        if kill % 25 == 0:
            shut = rig.end(shut) if shut else rig.begin(LinkDown)
        time.sleep(rig.random.uniform(0.0, 0.4))
        rig.kill_gateway()
        rig.look()
        rig.tower.start(rig.faults.environment, stdin=rig.sound.read_end)
        if kill % 100 == 99:
            print(f"{kill + 1} kills, {time.monotonic() - began:.0f} s, {len(rig.history.items)} seen on disk", flush=True)
    if shut:
        rig.end(shut)
    rig.tower.stop(signal.SIGKILL)
    rig.start_gateway()
    rig.judge()
