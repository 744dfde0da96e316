# SPDX-License-Identifier: Apache-2.0
"""A tower whose disk is full, read only or failing when the gateway starts: it is up, hears a call for help and delivers it, knows
which calls were open and what waits for another broker, and delivers that, wherever the disk can be read at all, says what is wrong,
and writes everything once the disk is well."""
import errno
import signal

import faults
from fault_rig import Tnc
from tower import Broker, Subscriber, Tower, ending, wait_until, workplace

faults.need()
FULL = {"write_errno": errno.ENOSPC, "open_errno": errno.ENOSPC}
CASES = {"full": FULL, "read only": {"write_errno": errno.EROFS, "open_errno": errno.EROFS}, "write errors": {"write_errno": errno.EIO},
         "sync errors": {"sync_errno": errno.EIO}, "read errors": {"read_errno": errno.EIO, "write_errno": errno.EIO}}
WORDS = {"full": "make room on that disk", "read only": "is mounted read only"}  # what health says of it; the others: the disk's


def start(folder, name, settings):
    disk = faults.Faults(folder / "spool.db")
    tnc = Tnc(folder / "tnc")
    tnc.plug()
    (folder / "late").mkdir()
    broker, late = Broker(folder).start(), Broker(folder / "late")
    tower = Tower(folder, None, {one: f"port = {of.port}\nretry_min_s = 0.2\nretry_max_s = 0.5" for one, of in (("hq", broker), ("late", late))},
                  extra=f'source "tnc" {{ type = kiss device = "{tnc.path}" }}\n')
    subscriber = Subscriber(broker)

    def run():
        read = len(tower.log())
        tower.start(disk.environment)
        wait_until(lambda: " is up: " in tower.log()[read:] or tower.process.poll() is not None, 20, "the gateway is up")
        assert tower.process.poll() is None, f"{name}: it does not start"
        wait_until(lambda: tnc.is_held(tower.process), 20, "the TNC is open")

    def calls():
        return {d["unit"]: d for d in subscriber.documents("distress")}

    def says_of_spool():
        health = subscriber.documents("health")
        return health[-1]["spool"]["failing"] if health else None

    def at_hq():
        return all(d["state"] == "delivered" for d in calls().values())

    def start_late():
        """It has its subscriber before the gateway finds it."""
        tower.process.send_signal(signal.SIGSTOP)
        later = Subscriber(late.start())
        tower.process.send_signal(signal.SIGCONT)
        return later

    def has_all(later):
        texts = [d["status"] for d in later.documents("message") if d["unit"] == "ax25.N0CALL-3"]
        assert texts == [f"number {number}" for number in range(len(texts))], texts
        return len(texts) == 8 and {d["unit"] for d in later.documents("distress")} == {"ax25.N0CALL-1", "ax25.N0CALL-2"}

    with ending(tower.kill, subscriber.stop, broker.kill, late.kill, tnc.unplug, disk.close):
        run()
        tnc.say("N0CALL-1", ">SOS")
        wait_until(lambda: "ax25.N0CALL-1" in calls(), 20, "the first call")
        for number in range(8):
            tnc.say("N0CALL-3", f">number {number}")
        wait_until(lambda: len(subscriber.documents("message")) == 9 and at_hq(), 20, "all of it at one broker")
        wait_until(lambda: sum(item["payload"].get("unit") == "ax25.N0CALL-3" and "/message/" in item["topic"] for item in tower.waiting()) == 8,
                   20, "and on disk for the other")
        tower.stop(signal.SIGKILL)
        for setting, value in settings.items():
            setattr(disk, setting, value)
        run()
        tnc.say("N0CALL-2", ">SOS")
        wait_until(lambda: "ax25.N0CALL-2" in calls(), 20, "the second call")
        wait_until(says_of_spool, 20, "health says that the spool fails")
        why = subscriber.documents("health")[-1]["spool"]["error"]
        assert why.startswith(f"{tower.spool}: ") and WORDS.get(name, "check the disk (dmesg, smartctl)") in why, why
        if name == "read errors":
            assert "which incidents are open cannot be read" in tower.log()
        else:
            tnc.say("N0CALL-1", ">SOS")
            wait_until(lambda: calls()["ax25.N0CALL-1"]["heard"] == 2, 20, "the first call said again is the same")
        later = None
        with ending(lambda: later and later.stop()):
            if name != "read errors":
                later = start_late()
                wait_until(lambda: has_all(later), 20, "what waited at the other broker, though the disk is bad")
                assert says_of_spool()
            disk.clear()
            wait_until(lambda: says_of_spool() is False, 20, "the spool is well")
            assert "error" not in subscriber.documents("health")[-1]["spool"]
            if name == "read errors":
                wait_until(lambda: "1 incidents from before this start are followed again" in tower.log(), 20, "the first call is followed")
                tnc.say("N0CALL-1", ">SOS")
                wait_until(lambda: calls()["ax25.N0CALL-1"]["heard"] == 2, 20, "the first call said again is the same")
                later = start_late()
            wait_until(at_hq, 20, "all at the broker")
            wait_until(lambda: not tower.waiting(), 20, "all at both")
            assert has_all(later)
            ids = [d["id"] for d in later.documents("message") + later.documents("distress")]
            assert len(ids) == len(set(ids)), "what was taken while the disk was bad came again"
        assert tower.stop() == 0
        assert len({d["distress"] for d in subscriber.documents("distress")}) == 2, subscriber.documents("distress")
        run()  # and stands on disk
        tnc.say("N0CALL-2", ">SOS")
        wait_until(lambda: calls()["ax25.N0CALL-2"]["heard"] == 2, 20, "the second call said again is the same")
        assert tower.stop() == 0


for case, how in CASES.items():
    with workplace() as where:
        start(where, case, how)
    print(case)
