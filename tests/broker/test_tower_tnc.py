# SPDX-License-Identifier: Apache-2.0
"""A whole gateway with a KISS TNC on a pseudo-terminal behind a link, as udev makes one, unplugged and replugged five
times: frames before and after reach the subscriber, it is back within 5 s, and the log has one line each way."""
import os
import time

from kiss import frame as kiss
from pseudo_terminal import PluggedPort
from tower import at_work, wait_until, workplace

TIMES = 5
BACK_WITHIN_S = 5.0


class Tnc(PluggedPort):
    def say(self, number):
        os.write(self.end, kiss("N0CALL-4", f":DISPATCH :number {number}"))


with workplace() as folder:
    tnc = Tnc(folder / "tnc")
    tnc.plug()
    extra = f'source "tnc" {{ type = kiss device = "{tnc.path}" }}\n'

    def arrived():
        return [d.get("text") for d in subscriber.documents("message")]

    def state():
        health = subscriber.documents("health")
        return health[-1]["sources"][0]["state"] if health else None

    with at_work(folder, extra, ends=[tnc.unplug]) as (subscriber, tower):
        slowest_s = 0.0
        for turn in range(TIMES + 1):
            if turn:
                tnc.unplug()
                wait_until(lambda: state() == "gone", 5, "health says that the TNC is gone")
                assert subscriber.documents("health")[-1]["well"] is False
                time.sleep(1.3 * turn)  # ever longer, so that the pauses between attempts grow as they do
                tnc.plug()
                back = time.monotonic()
            wait_until(lambda: tnc.is_held(tower.process), 10, "the TNC is open")
            if turn:
                slowest_s = max(slowest_s, time.monotonic() - back)
            time.sleep(0.3)
            for n in (2 * turn, 2 * turn + 1):
                tnc.say(n)
            wait_until(lambda: f"number {2 * turn + 1}" in arrived(), 10, f"frames of turn {turn}")
            wait_until(lambda: state() == "running", 5, "health says that the TNC is there")
        assert arrived() == [f"number {n}" for n in range(2 * TIMES + 2)], arrived()
        assert slowest_s < BACK_WITHIN_S, f"back after {slowest_s:.1f} s"
        lines = [line for line in tower.log().splitlines() if "tnc" in line]
        gone = [line for line in lines if "gone" in line]
        there = [line for line in lines if line not in gone]
        print(f"slowest return: {slowest_s:.1f} s")
        assert len(gone) == TIMES, lines
        assert len(there) == TIMES + 1, lines
        assert tower.stop() == 0
