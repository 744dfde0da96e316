# SPDX-License-Identifier: Apache-2.0
"""A whole gateway with a base radio's data port on a pseudo-terminal. The radio speaks at a speed that nobody has told
the gateway; a live position, one of another time and one with a wrong checksum; unplugged and back."""
import os
import termios
import time

from nmea import sentence
from pseudo_terminal import PluggedPort
from tower import at_work, wait_until, workplace

SPEED = termios.B19200
LIVE = "$PKLDS,120000,A,3129.4702,N,11131.5600,W,003.2,210.0,241126,,A,100,2007,00"
VOID = LIVE.replace(",A,3129", ",V,3129").replace("2007", "2008")


class BaseRadio(PluggedPort):
    """A port whose bytes make sense at one speed alone."""

    def say(self, line):
        right = termios.tcgetattr(self.end)[5] == SPEED
        os.write(self.end, line if right else bytes(b ^ 0xA5 | 0x80 for b in line))


with workplace() as folder:
    radio = BaseRadio(folder / "base radio")
    radio.plug()
    extra = f'source "base" {{ type = serial device = "{radio.path}" }}\n'

    def positions():
        return subscriber.documents("position")

    def refused():
        health = subscriber.documents("health")
        return health[-1]["sources"][0]["decoder"]["bad_check"] if health else 0

    def repeat_until(line, condition, what):
        """Radios repeat themselves; so does this one, once a second."""
        end = time.monotonic() + 20
        while not condition():
            assert time.monotonic() < end, what
            radio.say(line)
            time.sleep(1)

    with at_work(folder, extra, ends=[radio.unplug]) as (subscriber, tower):
        wait_until(lambda: radio.is_held(tower.process), 10, "the port is open")
        repeat_until(sentence(LIVE), positions, "the speed was found and the position arrived")
        first = positions()[0]
        assert abs(first["lat_deg"] - (31 + 29.4702 / 60)) < 1e-6, first
        assert abs(first["lon_deg"] + (111 + 31.56 / 60)) < 1e-6, first
        assert "19200 bit/s" in tower.log(), tower.log()

        broken = sentence(LIVE).replace(b"3129", b"3128")
        repeat_until(broken, refused, "a wrong checksum is counted")

        known = len(positions())
        radio.say(sentence(VOID))
        wait_until(lambda: any("2008" in d["unit"] for d in subscriber.documents("rx")), 10, "the void position was heard")
        time.sleep(0.5)
        assert len(positions()) == known, positions()[known:]

        radio.unplug()
        wait_until(lambda: subscriber.documents("health")[-1]["sources"][0]["state"] == "gone", 5, "health says gone")
        radio.plug()
        wait_until(lambda: radio.is_held(tower.process), 10, "the port is open again")
        time.sleep(0.3)
        radio.say(sentence(LIVE.replace("2007", "2009")))
        wait_until(lambda: any("2009" in d["unit"] for d in positions()), 10, "a position after the return")
        assert tower.stop() == 0
