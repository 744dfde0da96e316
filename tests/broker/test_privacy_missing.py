# SPDX-License-Identifier: Apache-2.0
"""Health names units that were expected and are missing: to each broker only those of which it is told at all, and how many they are."""
from pseudo_terminal import PluggedPort
from tower import Broker, Subscriber, Tower, ending, wait_until, workplace

EXTRA = ("".join(f'unit "{name}" {{ radios = {{"ax25.N0CALL-{n}"}} expect_every_s = 1 }}\n' for n, name in ((1, "air-1"), (2, "patrol-2"), (3, "patrol-3")))
         + 'centre "air" { brokers = {"air"} units = {"air-*"} priority = 1 }\n')

with workplace() as folder:
    port = PluggedPort(folder / "tnc")
    port.plug()
    (folder / "hq").mkdir(), (folder / "air").mkdir()
    hq, air = Broker(folder / "hq").start(), Broker(folder / "air").start()
    tower = Tower(folder, None, {"hq": f"port = {hq.port}", "air": f"port = {air.port}"},
                  extra=EXTRA + f'source "tnc" {{ type = kiss device = "{port.path}" }}\n')
    at_hq, at_air = Subscriber(hq), Subscriber(air)
    with ending(tower.kill, at_hq.stop, at_air.stop, hq.kill, air.kill, port.unplug):
        tower.start()

        def missing(subscriber):
            heard = (subscriber.documents("health") or [{}])[-1].get("heard", {})
            return heard.get("units_missing"), sorted(m["unit"] for m in heard.get("missing", []))

        wait_until(lambda: missing(at_hq) == (3, ["air-1", "patrol-2", "patrol-3"]), 20, "who belongs to no centre is told all")
        wait_until(lambda: missing(at_air) == (3, ["air-1"]), 20, "the centre is told its own")
        assert not any("patrol" in str(seen) for seen in at_air.poll())
        assert tower.stop() == 0
