# SPDX-License-Identifier: Apache-2.0
"""A broker that comes back has forgotten, or knows what was an hour ago: mosquitto writes its memory down now and then. Whoever
opens a screen there then must see the open distress, and none that is over, also when nothing new happens."""
import signal
import subprocess
import time

from centre import Key
from tower import EMERGENCY, PROGRAM, Broker, Subscriber, Tower, encode, ending, wait_until, workplace

RETRY = "retry_min_s = 0.2\nretry_max_s = 0.5\n"


def retained(subscriber):
    """What a new screen shows: the last of each topic, as long as it is not taken away."""
    shown = {}
    for _, topic, _, payload in subscriber.poll():
        if topic.split("/")[2] in ("distress", "call"):
            shown[topic] = payload
    return {topic.split("/")[2] for topic, payload in shown.items() if payload}


def command(broker, key, name, distress, *more):
    subprocess.run([PROGRAM, "command", name, "--site", "test", "--key", str(key.path), "--distress", distress, "--person", "Ana Ruiz",
                    "--host", "127.0.0.1", "--port", str(broker.port), *more], check=True, timeout=20, capture_output=True)


def restart(broker):
    broker.kill()
    broker.start()
    return Subscriber(broker)


def scene(folder, extra, script):
    key = Key(PROGRAM, folder, "yuma-1")
    encode(folder / "tape.wav", [EMERGENCY])
    broker = Broker(folder, "allow_anonymous true\n" + extra)
    centre = f'centre "yuma" {{ {key.section(["acknowledge", "clear"])} }}\n'
    tower = Tower(folder, folder / "tape.wav", {"hq": f"port = {broker.port}\n{RETRY}"}, extra=centre)
    screens = []
    with ending(tower.kill, lambda: [screen.stop() for screen in screens], broker.kill):
        broker.start()
        screens.append(Subscriber(broker))
        tower.start()
        wait_until(lambda: any(d["state"] == "delivered" for d in screens[0].documents("distress")), 20, "the call")
        script(broker, tower, key, screens)
        assert tower.stop() == 0, tower.log()


def forgotten(broker, tower, key, screens):
    """Nothing of it is left there: it is said again, by the gateway that said it and by the next."""
    command(broker, key, "acknowledge", screens[0].documents("distress")[0]["distress"])
    wait_until(lambda: screens[0].documents("distress")[-1]["state"] == "acknowledged", 10, "acknowledged")
    wait_until(lambda: tower.waiting() == [], 10, "an empty spool")
    screens.append(restart(broker))
    wait_until(lambda: retained(screens[-1]) == {"distress", "call"}, 10, "the call, at a broker that knew nothing of it")
    assert [d["state"] for d in screens[-1].documents("distress")] == ["acknowledged"]
    broker.kill()
    assert tower.stop() == 0, tower.log()
    broker.start()
    screens.append(Subscriber(broker))
    tower.start()
    wait_until(lambda: retained(screens[-1]) == {"distress", "call"}, 10, "the call, after both were away")


def remembered_as_it_was(broker, tower, key, screens):
    """It was open when the broker last wrote, and is over: its retained copies come back, and go."""
    broker.process.send_signal(signal.SIGUSR1)
    wait_until(lambda: (broker.folder / "memory" / "mosquitto.db").exists(), 10, "written down")
    time.sleep(0.5)
    command(broker, key, "clear", screens[0].documents("distress")[0]["distress"], "--outcome", "cleared")
    wait_until(lambda: screens[0].documents("distress")[-1]["state"] == "cleared", 10, "cleared")
    wait_until(lambda: tower.waiting() == [] and retained(screens[0]) == set(), 10, "nothing retained")
    cleared, response = screens[0].documents("distress")[-1], screens[0].wait_for("response", 1)[-1]
    assert response["seq"] == cleared["seq"] + 1, "a number that no document bears"
    screens.append(restart(broker))
    wait_until(lambda: screens[-1].documents("distress"), 10, "it is back, from the broker's memory")
    wait_until(lambda: retained(screens[-1]) == set(), 10, "and taken away again")
    assert not [d for d in screens[-1].documents("distress") if d["state"] == "cleared"], "its end is no news"


for extra, script in (("", forgotten), ("persistence true\npersistence_location {folder}/memory/\n", remembered_as_it_was)):
    with workplace() as place:
        (place / "memory").mkdir()
        (place / "memory").chmod(0o777)  # mosquitto gives root's rights up
        scene(place, extra.format(folder=place), script)
