# SPDX-License-Identifier: Apache-2.0
"""TETRAPOL out of a band of radio (carrier 1.5 kHz off and drifting, faded) through a whole gateway and a real mosquitto: who speaks, from when to when; an alarm as a distress of the radio
that named itself beside it, another, beside frames without a name, as one of nobody known; a third, alone, raises nobody but marks its transmission; of
radios that are not on the list no trace but a distress."""
import json
import subprocess

import schema
from tower import PROGRAM, at_work, wait_until, workplace

CREW, STRANGER = "012-3-45-678", "012-3-45-999"
UNITS = f'unit "patrol-2" {{ crew = "Crew two" radios = {{"tetrapol.{CREW}"}} }}\n'
SITE = 'site { id = "test" allow_list = true latitude_deg = 31.5 longitude_deg = -111.5 }\n'


def spoken(unit, at_s, length_s):
    return {"protocol": "tetrapol", "event": "transmission", "unit": unit, "transmission_s": length_s, "scr": 4, "time_s": at_s}


def alarm(unit, at_s):
    message = {"protocol": "tetrapol", "event": "emergency_pattern", "scr": 4, "time_s": at_s}
    return dict(message, unit=unit) if unit else message


def start(at_s):
    return {"protocol": "tetrapol", "event": "transmission_start", "scr": 4, "time_s": at_s}


def event(documents, name):
    return [d for d in documents if d.get("event") == name]


with workplace() as folder:
    tape = folder / "tape.cu8"
    said = [dict(spoken(CREW, 1.0, 1.6), fading_hz=1), spoken(STRANGER, 4.0, 1.0), alarm(CREW, 7.0), start(20.5), start(21.0), alarm("", 22.0), alarm("", 37.0)]
    subprocess.run([PROGRAM, "encode", "--iq", "cu8", "-r", "240000", "--centre", "380.05e6", "--channel", "380e6", "--cnr",
                    "24", "--offset", "1500", "--drift", "60", "-o", tape, "--tail", "6", *map(json.dumps, said)], check=True)
    source = f'source "tape" {{\n type = file\n path = "{tape}"\n pace = false\n format = cu8\n rate_hz = 240000\n centre_hz = 380050000\n channel "direct" {{ protocols = {{"tetrapol"}} frequency_hz = 380000000 }}\n}}\n'
    with at_work(folder, source + SITE + UNITS) as (subscriber, tower):
        wait_until(lambda: len({d["distress"] for d in subscriber.documents("distress")}) == 2, 30, "two distress objects")
        wait_until(lambda: tower.waiting() == [], 10, "an empty spool")
        for kind in ("rx", "unit", "message", "distress"):
            documents = subscriber.documents(kind)
            assert documents, f"no {kind} document came"
            schema.check(kind, documents)

        heard = subscriber.documents("rx")
        caller, end = event(heard, "caller")[0], event(heard, "transmission_end")[0]
        assert caller["unit"] == end["unit"] == "patrol-2" and caller["rfsi"] == CREW
        assert abs(caller["time_s"] - 1.16) < 0.01, caller
        assert abs(end["time_s"] - 1.0) < 0.03 and abs(end["time_s"] + end["duration_s"] - 2.6) < 0.01, end
        assert end["ended"] == "signalled" and 1.57 < end["transmission_s"] < 1.601
        assert event(subscriber.documents("message"), "transmission_end")[0]["crew"] == "Crew two"
        assert subscriber.documents("unit")[-1]["unit"]

        objects = {d["distress"]: d for d in subscriber.documents("distress")}.values()
        named = [d for d in objects if d["unit"] == "patrol-2"]
        nobody = [d for d in objects if d["unit"] == "tetrapol.unknown"]
        assert len(named) == 1 and len(nobody) == 1, objects
        for document in (*named, *nobody):
            assert document["reason"] == "tetrapol: emergency" and document["test"] is False, document
            assert "experimental" in document["text"], document
        wait_until(lambda: any(d.get("suspect") for d in subscriber.documents("activity")), 10, "the pattern alone, as a suspect")
        suspects = [d for d in subscriber.documents("activity") if d.get("suspect")]
        schema.check("activity", suspects)
        assert STRANGER not in json.dumps([p for *_, p in subscriber.seen])
