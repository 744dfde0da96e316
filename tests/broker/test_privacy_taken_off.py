# SPDX-License-Identifier: Apache-2.0
"""A unit that is taken off the list at a reload is gone from the broker: nobody who subscribes later is told where it was. Who stays
on the list stays. What waits for a broker that was away is not told there any more either, but for a call for help; who has only got another
name is not forgotten. The same when the list is put to work while strangers' words wait, and across a restart."""
import os
import signal

import kiss
from pseudo_terminal import PluggedPort

from proxy import Proxy
from tower import Broker, Subscriber, Tower, encode, ending, position, wait_until, workplace

UNITS = ['unit "patrol-%d" { radios = {"ax25.N0CALL-%d"} }\n' % (n, n) for n in (1, 2)]



def gone_from_the_broker(folder):
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


def reload(tower, *changes):
    text = tower.config.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    tower.config.write_text(text, encoding="utf-8")
    tower.process.send_signal(signal.SIGHUP)
    tower.wait_for_log("reloaded")


def gone_from_what_waits(folder, list_at_first, restart):
    """N0CALL-1 and -4 are taken off, N0CALL-2 is patrol-9 from now on; N0CALL-5 was never on the list."""
    port = PluggedPort(folder / "tnc")
    port.plug()
    broker = Broker(folder).start()
    subscriber, way = Subscriber(broker), Proxy(broker.port).open()
    way.shut()
    off = "" if list_at_first else " allow_list = false"
    units = "".join('unit "patrol-%d" { radios = {"ax25.N0CALL-%d"} }\n' % (n, n) for n in (1, 2, 3, 4))
    tower = Tower(folder, None, {"hq": f"port = {way.port}\nretry_min_s = 0.2\nretry_max_s = 0.5"},
                  extra=f'site {{ id = "test"{off} }}\nsource "tnc" {{ type = kiss device = "{port.path}" }}\n{units}').start()
    with ending(tower.kill, port.unplug, way.shut, subscriber.stop, broker.kill):
        wait_until(lambda: port.is_held(tower.process), 20, "the TNC is open")
        for n in (1, 2, 3, 4, 5):
            os.write(port.end, kiss.frame(f"N0CALL-{n}", position(n).split(":", 1)[1]))
        os.write(port.end, kiss.emergency("N0CALL-4"))
        strangers = [] if list_at_first else [5]
        kept = len([1, 2, 3, 4] + strangers)
        wait_until(lambda: sum(item["class"] == "position" for item in tower.waiting()) >= kept, 20, "they wait")
        tower.wait_for_log("raised by patrol-4")
        changes = [('unit "patrol-1"', 'unit "patrol-8"'), ("ax25.N0CALL-1", "ax25.N0CALL-11"), ('unit "patrol-2"', 'unit "patrol-9"'),
                   ("ax25.N0CALL-4", "ax25.N0CALL-14")] + ([(off, "")] if off else [])
        reload(tower, *changes)
        if restart:
            assert tower.stop() == 0
            tower.start()
        way.open()
        subscriber.wait_for("distress", 1)
        wait_until(lambda: tower.waiting() == [], 20, "nothing waits any more")
        told = [d for _, topic, _, d in subscriber.poll() if d and topic.split("/")[2] in ("position", "unit", "message")]
        radios = {d["radio"] for d in told if d["priority"] == "routine"}
        assert radios == {"ax25.N0CALL-2", "ax25.N0CALL-3"}, radios
        assert subscriber.documents("distress")[0]["radio"] == "ax25.N0CALL-4"
        assert "N0CALL-1" not in tower.log().split("raised by")[1] and "is not sent" in tower.log()
        assert tower.stop() == 0


with workplace() as where:
    gone_from_the_broker(where)
for arguments in ((True, False), (True, True), (False, False)):
    with workplace() as where:
        gone_from_what_waits(where, *arguments)
