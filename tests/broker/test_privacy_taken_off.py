# SPDX-License-Identifier: Apache-2.0
"""A unit that is taken off the list at a reload is gone from the broker: nobody who subscribes later is told where it was. Who stays
on the list stays."""
import signal

from tower import Broker, Subscriber, Tower, encode, ending, position, wait_until, workplace

UNITS = ['unit "patrol-%d" { radios = {"ax25.N0CALL-%d"} }\n' % (n, n) for n in (1, 2)]

with workplace() as folder:
    encode(folder / "air.wav", [position(1), position(2, "N0CALL-2")], "--ebn0", "18")
    broker = Broker(folder).start()
    subscriber = Subscriber(broker)
    tower = Tower(folder, folder / "air.wav", {"hq": f"port = {broker.port}"}, extra='site { id = "test" }\n' + "".join(UNITS)).start()
    later = []
    with ending(tower.kill, subscriber.stop, lambda: [s.stop() for s in later], broker.kill):
        subscriber.wait_for("unit", 2)
        tower.config.write_text(tower.config.read_text(encoding="utf-8").replace(UNITS[0], ""), encoding="utf-8")
        tower.process.send_signal(signal.SIGHUP)
        wait_until(lambda: any(t == "site/test/unit/patrol-1" and p is None for _, t, _, p in subscriber.poll()), 20, "it is taken back")
        later.append(Subscriber(broker))
        later[0].wait_for("unit", 1)
        assert [(d["unit"], "position" in d) for d in later[0].documents("unit")] == [("patrol-2", True)]
        assert not any("patrol-1" in topic or "patrol-1" in str(payload) for _, topic, _, payload in later[0].poll())
        assert tower.stop() == 0
