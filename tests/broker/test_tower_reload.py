# SPDX-License-Identifier: Apache-2.0
"""SIGHUP in mid-stream: units and allow-list change, a broken file is refused, and no burst is lost either way."""
import signal

from tower import at_work, encode, position, wait_until, workplace

COUNT = 16
UNIT = 'unit "patrol-1" { radios = {"ax25.N0CALL-1"} }\n'
BROKEN = 'unit "patrol-2" { radio = {"ax25.N0CALL-2"} }\n'


def heard(subscriber, unit):
    return [d["comment"] for d in subscriber.documents("position") if d["unit"] == unit]


def faults(subscriber):
    health = subscriber.documents("health")
    return [fault["kind"] for fault in health[-1]["faults"]] if health else []


def reload(tower, text, answer):
    tower.config.write_text(text, encoding="utf-8")
    tower.process.send_signal(signal.SIGHUP)
    tower.wait_for_log(answer)


with workplace() as folder:
    encode(folder / "tape.wav", [position(n, f"N0CALL-{1 + n % 2}") for n in range(COUNT)])
    extra = 'site { id = "test" allow_list = true latitude_deg = 31.5 longitude_deg = -111.5 }\n' + UNIT
    with at_work(folder, extra, folder / "tape.wav", pace=True) as (subscriber, tower):
        first = tower.config.read_text(encoding="utf-8")
        wait_until(lambda: len(heard(subscriber, "patrol-1")) >= 2, 20, "the first positions")
        assert heard(subscriber, "patrol-2") == [], "a stranger was published"

        # Refused with its line and the nearest word; the old one goes on.
        line = first.count("\n") + 1
        reload(tower, first + BROKEN, "not reloaded")
        complaint = next(row for row in tower.log().splitlines() if f"site.conf:{line}:" in row)
        assert " error " in complaint and "radios" in complaint, complaint
        wait_until(lambda: "configuration" in faults(subscriber) and not subscriber.documents("health")[-1]["well"], 20, "health tells it")
        before = len(heard(subscriber, "patrol-1"))
        wait_until(lambda: len(heard(subscriber, "patrol-1")) > before, 20, "the old configuration at work")
        assert heard(subscriber, "patrol-2") == [], "a stranger was published"

        # What cannot change while it runs is told, the rest is adopted.
        reload(tower, first.replace("31.5", "31.6") + BROKEN.replace("radio =", "radios ="), "reloaded: 2 units")
        assert "wait for a restart" in tower.log(), tower.log()
        wait_until(lambda: "configuration" not in faults(subscriber), 20, "health is content")
        assert subscriber.wait_for("info", 2)[-1]["units"] == 2

        tower.wait_for_log("has ended", 60)
        wait_until(lambda: len(heard(subscriber, "patrol-1")) == COUNT // 2, 20, "every burst of the first unit")
        assert heard(subscriber, "patrol-1") == [f"number {n}" for n in range(0, COUNT, 2)], heard(subscriber, "patrol-1")
        second = heard(subscriber, "patrol-2")
        assert second and second == [f"number {n}" for n in range(COUNT - 2 * len(second) + 1, COUNT, 2)], second
        assert tower.stop() == 0, tower.log()
