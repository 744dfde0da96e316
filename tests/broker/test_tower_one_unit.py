# SPDX-License-Identifier: Apache-2.0
"""A unit that is known by several radios is one unit: its place comes from its APRS radio, its calls for help from its
MDC-1200, its MPT1327 and, by a status that the site calls an emergency, its FleetSync radio. One distress, with where it was
last known and how long ago. A status is told with what it means in this fleet."""
import schema
from tower import at_work, encode, wait_until, workplace

PLACE = "N0CALL-7>APZATL:!3129.01N/11132.02W[on foot"
LINES = [{"protocol": "mdc1200", "unit": "0A01", "meaning": "status", "status": 3},
         {"protocol": "mdc1200", "unit": "0A01", "distress": "raised"},
         {"protocol": "mpt1327", "unit": "036-0264", "distress": "raised"},
         {"protocol": "fleetsync", "unit": "100-1001", "to": "100-2000", "meaning": "status", "status": 99}]
UNIT = 'unit "patrol-7" { radios = {"ax25.N0CALL-7", "mdc1200.0A01", "mpt1327.036-0264", "kenwood.100-1001"} }\n'
CODES = ('code "on-scene" { match = {"mdc1200.status=3"} text = "On scene" }\n'
         'code "down" { match = {"fleetsync.status=99"} text = "Man down" distress = raise }\n')

with workplace() as folder:
    encode(folder / "aprs.wav", [PLACE], "--ebn0", "18")
    encode(folder / "voice.wav", LINES, "--ebn0", "16", "--gap", "1.5")
    extra = (f'source "aprs" {{ type = file path = "{folder / "aprs.wav"}" pace = true\n'
             ' channel "aprs" { protocols = {"ax25"} } }\n'
             f'source "voice" {{ type = file path = "{folder / "voice.wav"}" pace = true\n'
             ' channel "voice" { protocols = {"mdc1200", "mpt1327", "fleetsync"} } }\n' + UNIT + CODES)
    with at_work(folder, extra) as (subscriber, tower):
        wait_until(lambda: any(d["heard"] >= 3 for d in subscriber.documents("distress")), 30, "three calls for help")
        distress = subscriber.documents("distress")
        schema.check("distress", distress)
        assert len({d["distress"] for d in distress}) == 1 and {d["unit"] for d in distress} == {"patrol-7"}, distress
        where = distress[-1]["position"]
        assert where["origin"] == "last-known" and where["age_s"] > 0, where
        assert abs(where["lat_deg"] - (31 + 29.01 / 60)) < 1e-4, where
        assert not any(d["test"] for d in distress)
        wait_until(lambda: len(subscriber.documents("message")) >= 4, 10, "the messages")
        messages = subscriber.documents("message")
        schema.check("message", messages)
        assert {d["unit"] for d in messages} == {"patrol-7"}, messages
        assert [d["code_text"] for d in messages if d.get("status") == 3] == ["On scene"], messages
        assert [d["code_text"] for d in messages if d.get("status") == 99] == ["Man down"], messages
        assert {d["status"] for d in subscriber.documents("unit") if "status" in d} == {"On scene", "Man down"}
        assert tower.stop() == 0
