# SPDX-License-Identifier: Apache-2.0
"""SIGHUP with a broker that has another name, and a reader that has another key: neither changes while the gateway runs. What
a broker was not told it is not told then, and the log says what waits for a restart."""
import signal
import subprocess
import time

from tower import PROGRAM, Broker, Subscriber, Tower, encode, ending, position, wait_until, workplace


def public_key(folder, name):
    made = subprocess.run([PROGRAM, "key", "reader", name, str(folder / f"{name}.reader")], check=True, capture_output=True, text=True)
    return made.stdout.split('public_key = "')[1].split('"')[0]


def reload(tower, text, answer):
    tower.config.write_text(text, encoding="utf-8")
    tower.process.send_signal(signal.SIGHUP)
    tower.wait_for_log(answer)


def positions(subscriber):
    return [topic for _, topic, _, _ in subscriber.poll() if topic.split("/")[2] == "position"]


with workplace() as folder:
    encode(folder / "tape.wav", [position(n) for n in range(14)])
    brokers = []
    for name in ("hq", "ajo"):
        (folder / name).mkdir()
        brokers.append(Broker(folder / name).start())
    screens = [Subscriber(broker) for broker in brokers]
    first, second = public_key(folder, "yuma"), public_key(folder, "other")
    extra = ('centre "yuma" { brokers = {"hq"} }\ncentre "ajo" { brokers = {"ajo"} kinds = {"distress"} }\n'
             f'reader "screen" {{ public_key = "{first}" }}\n')
    tower = Tower(folder, folder / "tape.wav", {"hq": f"port = {brokers[0].port}",
                                                "ajo": f'port = {brokers[1].port}\nseal_to = {{"screen"}}'}, pace=True, extra=extra)
    with ending(tower.kill, *[screen.stop for screen in screens], *[broker.kill for broker in brokers]):
        tower.start()
        wait_until(lambda: len(positions(screens[0])) >= 2, 20, "the first positions")
        text = tower.config.read_text(encoding="utf-8")
        reload(tower, text.replace('"ajo"}', '"north"}').replace('broker "ajo"', 'broker "north"'), "centres and their keys wait")
        before = len(positions(screens[0]))
        wait_until(lambda: len(positions(screens[0])) >= before + 3, 20, "more positions")
        time.sleep(0.5)
        assert positions(screens[1]) == [], "a centre that takes distress alone was told where units are"
        assert tower.log().count("readers or spool wait for a restart") == 1
        reload(tower, text.replace(first, second), "reloaded: 0 units")
        wait_until(lambda: tower.log().count("readers or spool wait for a restart") == 2, 5, "that another reader waits for a restart")
        assert tower.stop() == 0, tower.log()
