# SPDX-License-Identifier: Apache-2.0
"""The tower watches itself: a receiver that falls silent is a fault in health and comes right by itself; what is usual outlives a restart;
who is expected and missing is named; its own test burst is decoded and nobody is told but health; nothing of it is a distress."""
import json
import random
import struct
import subprocess

import schema
from tower import Broker, Subscriber, Tower, encode, ending, wait_until, workplace

RATE = 48000
EXTRA = ('guard { noise_fall_db = 6 after_s = 20 learn_s = 40 quiet_limit_s = 3 self_test_s = 86400 self_test_first_s = 1 }\nreport { health_s = 1 stats_s = 2 }\n'
         'unit "patrol-1" { radios = {"ax25.N0CALL-1"} expect_every_s = 2 }\nunit "patrol-2" { radios = {"ax25.N0CALL-2"} expect_every_s = 600 }\n'
         'source "receiver" {\n type = stdin\n pace = false\n rate_hz = 48000\n channel "aprs" { protocols = {"ax25"} }\n}\n')
chance = random.Random(5)
piece = [chance.gauss(0, 1) for _ in range(RATE)]


def noise(dbfs, seconds=1):
    """White noise, as a discriminator gives it when nobody is there."""
    level = 32767 * 10 ** (dbfs / 20)
    return struct.pack(f"<{RATE}h", *(max(-32768, min(32767, round(level * x))) for x in piece)) * seconds


with workplace() as folder:
    broker = Broker(folder).start()
    subscriber = Subscriber(broker)
    tower = Tower(folder, None, {"hq": f"port = {broker.port}\nretry_min_s = 0.2"}, extra=EXTRA)
    valid = schema.validator("health")

    def health():
        return subscriber.documents("health")[-1]

    def faults():
        return [(f["kind"], f.get("channel")) for f in health()["faults"]] if subscriber.documents("health") else []

    with ending(tower.kill, subscriber.stop, broker.kill):
        tower.start(stdin=subprocess.PIPE)
        give = tower.process.stdin
        quiet, loud = noise(-34), noise(-20)
        give.write(loud * 20)
        give.flush()
        give.write(loud * 80)
        give.flush()
        wait_until(lambda: subscriber.documents("health") and health()["channels"][0].get("usual_noise_dbfs", 0) < -15, 20, "usual noise")
        assert not {"noise_fallen", "silent"} & {kind for kind, _ in faults()}, faults()
        give.write(quiet * 60)
        give.flush()
        wait_until(lambda: ("noise_fallen", "aprs") in faults(), 20, "a deaf channel")
        assert health()["well"] is False and "quieter than usual" in str(health()["faults"]), health()
        give.write(bytes(2 * RATE) * 60)
        give.flush()
        wait_until(lambda: ("silent", "aprs") in faults(), 20, "a dead input")
        give.write(loud * 20)
        give.flush()
        wait_until(lambda: not {"noise_fallen", "silent"} & {kind for kind, _ in faults()}, 20, "well again")

        # Nobody was heard for 3 s, and of two one is overdue; then a stranger, and then the one.
        wait_until(lambda: ("quiet", None) in faults(), 10, "suspicious quiet")
        assert [m["unit"] for m in health()["heard"]["missing"]] == ["patrol-1"], health()
        encode(folder / "one.wav", ["N0CALL-1>APZATL:>all well"])
        give.write((folder / "one.wav").read_bytes()[44:] + loud)
        give.flush()
        wait_until(lambda: ("quiet", None) not in faults() and health()["heard"]["units_missing"] == 0, 10, "patrol-1 heard")
        # The site's own burst went through everything and was told nobody.
        give.write(loud * 10)
        give.flush()
        wait_until(lambda: "self_test" in health()["channels"][0], 10, "the result of the test")
        test = health()["channels"][0]["self_test"]
        assert test["result"] == "passed" and test["protocol"] == "ax25" and test["snr_db"] > 10, test
        wait_until(lambda: [d["self_tests_passed"] for d in subscriber.documents("stats")][-1:] == [1], 10, "the statistics since the start")
        assert "SELFT" not in json.dumps([p for *_, p in subscriber.seen]) and len(subscriber.documents("rx")) == 1

        give.close()
        assert tower.stop() == 0, tower.log()

        # It starts again with its antenna off: that is not usual.
        tower.start(stdin=subprocess.PIPE)
        tower.process.stdin.write(quiet * 60)
        tower.process.stdin.flush()
        wait_until(lambda: ("noise_fallen", "aprs") in faults(), 20, "a deaf channel after a restart")
        for document in subscriber.documents("health"):
            valid.validate(document)
        assert not subscriber.documents("distress"), "no fault of the tower is a distress"
        assert tower.stop() == 0, tower.log()
