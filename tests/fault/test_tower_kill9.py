# SPDX-License-Identifier: Apache-2.0
"""kill -9 of the gateway at random moments of a replay: nothing that the spool had acknowledged is lost, and a distress
heard again after every restart stays one incident. ATALAYA_KILLS: how often (200)."""
import os
import random
import signal
import time

from tower import EMERGENCY, Broker, Subscriber, Tower, encode, ending, position, text, wait_until, workplace

KILLS = int(os.environ.get("ATALAYA_KILLS", "200"))
generator = random.Random(20260101)

with workplace() as folder:
    lines = [line for n in range(10) for line in (position(n), text(n), EMERGENCY)]
    encode(folder / "tape.wav", lines, "--gap", "0.05", "--rate", "9600")
    broker = Broker(folder)
    tower = Tower(folder, folder / "tape.wav", {"hq": f"port = {broker.port}\nretry_min_s = 0.2\nretry_max_s = 0.5"})
    acknowledged = {}
    for kill in range(KILLS):
        tower.start()
        time.sleep(generator.uniform(0.02, 0.35))
        tower.stop(signal.SIGKILL)
        if not tower.spool.exists():
            continue
        if kill % 10 == 9:
            waiting = {item["id"]: item for item in tower.waiting()}
            # Retained documents of a unit and of a call replace each other; all else must still be there.
            lost = [i for i, item in acknowledged.items()
                    if i not in waiting and item["class"] != "unit" and "/call/" not in item["topic"]]
            assert not lost, f"after kill {kill}: acknowledged items lost: {lost[:5]}"
            acknowledged = waiting
    classes = {}
    for item in acknowledged.values():
        classes[item["class"]] = classes.get(item["class"], 0) + 1
    print(f"{KILLS} kills, {len(acknowledged)} items waiting: {classes}")
    assert classes.get("distress") and classes.get("position") and classes.get("message"), classes

    broker.start()
    subscriber = Subscriber(broker)
    tower.start()
    with ending(tower.kill, subscriber.stop, broker.kill):
        for kind in ("distress", "message", "position"):
            subscriber.wait_for(kind, classes[kind], 120)
        wait_until(lambda: tower.waiting() == [], 60, "an empty spool")
        incidents = {d["distress"] for d in subscriber.documents("distress")}
        assert len(incidents) == 1, incidents
        keys = [(d["boot"], d["seq"]) for d in subscriber.documents("position")]
        assert keys == sorted(keys), "positions out of order"
        assert tower.stop() == 0
