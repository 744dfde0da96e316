# SPDX-License-Identifier: Apache-2.0
"""Each nemesis once, singly and together, at five sites at once (one with a spool that is full); what a real subscriber got is checked
against what was said. By hand for hours: tests/soak/test_faults.py. ATALAYA_FAULT_SEED: of the order (20261127)."""
import os
import sys
import threading
import traceback

import faults
import nemeses as n
from fault_rig import FaultRig
from tower import wait_until, workplace

faults.need()
seed = int(os.environ.get("ATALAYA_FAULT_SEED", "20261127"))
SITES = {
    "silence": [[n.HalfOpen], [n.NoPuback], [n.PubackLost]],
    "link": [[n.BrokerKilled], [n.BrokerForgets, n.GatewayKilled], [n.NamesGone, n.ClockForward], [n.NoDescriptors],
             [n.LinkDown, n.DiskFull]],
    "machine": [[n.DiskReadOnly, n.ClockBack], [n.DiskWriteError, n.SourceGone], [n.DiskSyncError, n.GpsdGone]],
    "damage": [[n.SpoolGarbage], [n.SpoolTruncated, n.PubackLost], [n.SpoolEmptied], [n.SpoolPageLost], [n.GatewayKilled]],
    "limit": [[n.GatewayKilled], [n.BrokerForgets, n.SourceGone]],
}
MORE = {"limit": {"spool": "limit = 65536 reserve = 65536", "rate_s": 40, "sound_every": 0, "distress_every": 100}}
failed = []


def run(folder, name, steps):
    try:
        folder.mkdir()
        with FaultRig(folder, seed, gpsd=name == "machine", **MORE.get(name, {})) as rig:
            rig.random.shuffle(steps)
            rig.act([[]])
            if name == "limit":
                down = rig.begin(n.LinkDown)
                wait_until(lambda: sum(rig.history.dropped.values()) > 0, 60, "the spool is full")
                rig.end(down)
            rig.act(steps)
            rig.judge()
    except BaseException:
        failed.append(name)
        print(f"site {name}, seed {seed}:\n{traceback.format_exc()}", flush=True)


with workplace() as workshop:
    sites = [threading.Thread(target=run, args=(workshop / name, name, steps)) for name, steps in SITES.items()]
    for site in sites:
        site.start()
    for site in sites:
        site.join()
sys.exit(f"failed: {failed}" if failed else 0)
