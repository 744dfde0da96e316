# SPDX-License-Identifier: Apache-2.0
"""A whole gateway asks handhelds through a base radio where they are: one answers, one fails; the radio is unplugged."""
import os
import select
import time

from nmea import sentence
from pseudo_terminal import PluggedPort
from tower import at_work, wait_until, workplace

PLACE = "$PKLSH,3129.4702,N,11131.5600,W,120000,A,100,2007,"


def told(radio, seconds):
    """What the radio is told until an order ends."""
    words, end = b"", time.monotonic() + seconds
    while not words.endswith(b"\x03"):
        left = end - time.monotonic()
        assert left > 0, words
        if radio.is_held(tower.process) and select.select([radio.end], [], [], left)[0]:
            words += os.read(radio.end, 100)
        else:
            time.sleep(0.05)
    return words


with workplace() as folder:
    radio = PluggedPort(folder / "base radio")
    radio.plug()
    extra = (f'source "base" {{ type = serial device = "{radio.path}" speed_bit_s = 9600 answer_s = 5 poll_interval_s = 30'
             ' poll_units = {"100-2007", "U02008", "100-2009"} }\n')
    with at_work(folder, extra, ends=[radio.unplug]) as (subscriber, tower):
        assert told(radio, 20) == b"\x02R31002007\x03"
        os.write(radio.end, sentence(PLACE) + b"\x020\x03")
        wait_until(lambda: subscriber.documents("position"), 10, "the position arrived")
        assert "2007" in subscriber.documents("position")[0]["unit"]
        wait_until(lambda: "position of 100-2007: carried_out" in tower.log(), 5, "carried out")

        assert told(radio, 20) == b"\x02gR3U02008\x03"
        os.write(radio.end, b"\x021\x03")
        wait_until(lambda: "position of U02008: failed" in tower.log(), 5, "failed")

        assert told(radio, 20) == b"\x02R31002009\x03"
        radio.unplug()
        wait_until(lambda: "position of 100-2009: gone" in tower.log(), 5, "gone")
        radio.plug()
        assert told(radio, 30) in (b"\x02R31002007\x03", b"\x02gR3U02008\x03")
        assert tower.stop() == 0
