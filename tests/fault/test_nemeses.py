# SPDX-License-Identifier: Apache-2.0
"""Each nemesis once, singly and together, at three sites at once; what a real subscriber got is checked against what was said. By hand
for hours: tests/soak/test_faults.py. ATALAYA_FAULT_SEED: of the order (20261127)."""
import os
import sys
import threading
import traceback

import faults
import nemeses as n
from fault_rig import FaultRig
from tower import workplace

faults.need()
seed = int(os.environ.get("ATALAYA_FAULT_SEED", "20261127"))
SITES = {
    "silence": [[n.HalfOpen], [n.NoPuback], [n.PubackLost]],
    "link": [[n.BrokerKilled], [n.BrokerForgets, n.GatewayKilled], [n.NamesGone, n.ClockForward], [n.NoDescriptors], [n.LinkDown, n.DiskFull]],
    "machine": [[n.DiskReadOnly, n.ClockBack], [n.DiskWriteError, n.SourceGone], [n.DiskSyncError, n.GpsdGone], [n.GatewayKilled],
                [n.SpoolGarbage], [n.SpoolTruncated, n.PubackLost], [n.SpoolEmptied]],
}
failed = []


def run(folder, name, steps):
    try:
        folder.mkdir()
        with FaultRig(folder, seed, gpsd=name == "machine") as rig:
            rig.random.shuffle(steps)
            rig.act([[]] + steps)
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
