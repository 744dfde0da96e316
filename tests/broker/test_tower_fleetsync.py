# SPDX-License-Identifier: Apache-2.0
"""A handheld's position comes from a base radio's port, its call for help over the air in FleetSync I and II: one unit, one
distress, with where it was last known to be. An id burst and a status of others are no distress."""
import os

import schema
from nmea import sentence
from pseudo_terminal import PluggedPort
from tower import at_work, encode, wait_until, workplace

LINES = ["FE80 0100 2002", "BE00 013F 0000", "II BE00 013F 0000", "B440 0100 2003"]  # 100-1001; the call is of 100-2007
PLACE = "$PKLSH,3129.4702,N,11131.5600,W,120000,A,100,2007,"


with workplace() as folder:
    radio = PluggedPort(folder / "base radio")
    radio.plug()
    encode(folder / "tape.wav", LINES, "--protocol", "fleetsync", "--ebn0", "14", "--gap", "4")
    extra = (f'source "base" {{ type = serial device = "{radio.path}" speed_bit_s = 9600 }}\n'
             f'source "tape" {{ type = file path = "{folder / "tape.wav"}" pace = true\n'
             ' channel "voice" { protocols = {"fleetsync"} } }\n'
             'unit "patrol-7" { radios = {"kenwood.100-2007"} }\n')
    with at_work(folder, extra, ends=[radio.unplug]) as (subscriber, tower):
        wait_until(lambda: radio.is_held(tower.process), 5, "the port is open")
        os.write(radio.end, sentence(PLACE))
        subscriber.wait_for("position", 1, 5)
        wait_until(lambda: any(d["heard"] >= 2 for d in subscriber.documents("distress")), 30, "both calls for help")
        wait_until(lambda: any(d.get("status") == 99 for d in subscriber.documents("message")), 15, "the status")

        distress = subscriber.documents("distress")
        schema.check("distress", distress)
        assert len({d["distress"] for d in distress}) == 1 and {d["unit"] for d in distress} == {"patrol-7"}, distress
        where = distress[0]["position"]
        assert where["origin"] == "last-known" and where["age_s"] > 0, where
        assert abs(where["lat_deg"] - (31 + 29.4702 / 60)) < 1e-6, where
        assert not distress[0]["test"]
        begins = [d for d in subscriber.documents("rx") if d.get("meaning") == "ptt_begin"]
        assert begins and "100-1001" in begins[0]["unit"], begins
        assert tower.stop() == 0
