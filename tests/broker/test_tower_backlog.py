# SPDX-License-Identifier: Apache-2.0
"""A distress does not wait for what waits: 20,000 routine messages lie in the spool, a call made while the broker is away is the first thing it
gets, calls made while they drain come long before the rest; in the end everything has come, nothing twice."""
import os
import socket
import subprocess
import threading

import kiss
from pseudo_terminal import PluggedPort
from tower import PROGRAM, Broker, Subscriber, Tower, ending, free_port, wait_until, workplace

WAITING = 20000


def pump(source, target):
    while data := source.recv(65536):
        target.sendall(data)
    target.shutdown(socket.SHUT_WR)


def bridge(near_port, far_port):
    """The way to the broker, from now on, for one connection."""
    listener = socket.create_server(("127.0.0.1", near_port))
    near, _ = listener.accept()
    far = socket.create_connection(("127.0.0.1", far_port))
    for pair in ((near, far), (far, near)):
        threading.Thread(target=pump, args=pair, daemon=True).start()


with workplace() as folder:
    port, way = PluggedPort(folder / "tnc"), free_port()
    port.plug()
    broker = Broker(folder).start()
    subscriber = Subscriber(broker)
    tower = Tower(folder, None, {"hq": f"port = {way}\nretry_min_s = 0.2\nretry_max_s = 0.5"},
                  extra=f'source "tnc" {{ type = kiss device = "{port.path}" }}\nspool {{ path = "{folder}/spool.db" limit = "256 MiB" }}\n')
    subprocess.run([PROGRAM, "bench", "spool", "-k", "-n", str(WAITING), "-b", "hq", "-o", str(tower.spool)], check=True)
    tower.start()

    def routine():
        return [d["number"] for _, topic, _, d in subscriber.poll() if topic.startswith("site/bench/message/")]

    def behind(call):
        """How many routine messages came after the first news of a call; None: it has not come."""
        units = [None if t.startswith("site/bench/") else (d or {}).get("unit", "") for _, t, _, d in subscriber.poll()]
        unit = f"ax25.{call}"
        return units[units.index(unit):].count(None) if unit in units else None

    with ending(tower.kill, subscriber.stop, broker.kill, port.unplug):
        wait_until(lambda: port.is_held(tower.process), 20, "the TNC is open")
        os.write(port.end, kiss.emergency("N0CALL-1"))
        tower.wait_for_log("raised by ax25.N0CALL-1")
        bridge(way, broker.port)
        for number in (2, 3):
            wait_until(lambda: len(routine()) > 500 * (number - 1), 20, "the drain goes on")
            os.write(port.end, kiss.emergency(f"N0CALL-{number}"))
        wait_until(lambda: len(routine()) >= WAITING, 60, "everything has drained")
        wait_until(lambda: all(behind(f"N0CALL-{n}") is not None for n in (1, 2, 3)), 10, "all calls")
        print("routine messages that came after each call:", [behind(f"N0CALL-{n}") for n in (1, 2, 3)])
        assert behind("N0CALL-1") == WAITING, "the call was not the first"
        assert min(behind("N0CALL-2"), behind("N0CALL-3")) > WAITING // 10, "a call waited behind routine messages"
        assert sorted(routine()) == list(range(WAITING)), "each of them once"
        wait_until(lambda: tower.waiting() == [], 20, "an empty spool")
        assert tower.stop() == 0, tower.log()
