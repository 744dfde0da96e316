# SPDX-License-Identifier: Apache-2.0
"""A broker that may know places to a kilometre gets no byte that tells more: what two brokers are told of the same traffic is
compared, the exact one giving every form that a place takes in it. A distress is exact there all the same, unless that is
wanted otherwise too. Repeats of a unit that moves within a cell cannot be averaged: they are all the same."""
import json
import math
import re

import schema
from tower import Broker, Subscriber, Tower, encode, wait_until, workplace

CELL_M = 1000
SCENERY = [
    "N0CALL-1>APZATL,WIDE1-1:!3129.11N/11132.02W[on foot, tank at 31.48512 -111.53370",
    "N0CALL-1>APZATL:/092345z3129.13N/11132.05W[088/036/A=003687",
    "N0CALL-2>APZATL:=/;K0P4+DL3[7PQ",  # compressed
    "N0CALL-3>SQ2X1R:`(_fn\"Oj/",  # Mic-E: latitude in the destination
    "N0CALL-2>APZATL::DISPATCH :walkers at 31 29.13N 111 32.05W, DM41FL",
    "N0CALL-2>APZATL:;CACHE31N *092345z3129.77N/11131.44WO",  # an object of theirs
    "N0CALL-2>APZATL:>DM41fl/- going north",
    "N0CALL-1>APZATL:$GPRMC,063909,A,3129.1123,N,11132.0217,W,43.022,89.3,291099,13.6,E*52",
]
STEPS = [f"N0CALL-9>APZATL:!3129.{40 + i:02d}N/11132.{20 + i:02d}W[step" for i in range(5)]  # 20 m apart
CALL = "N0CALL-7>APZATL:!3130.55N/11133.66W[EMERGENCY snake bite"


def numbers(value):
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from numbers(one)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield value


def pairs(value):
    if isinstance(value, dict):
        if "lat_deg" in value and "lon_deg" in value:
            yield value["lat_deg"], value["lon_deg"]
        value = list(value.values())
    for one in value if isinstance(value, list) else []:
        yield from pairs(one)


def forms(documents):
    """Everything that tells a place to better than the cell, as it stands in what the exact broker is told. Degrees to a metre:
    of a figure alone, ten metres are now and then those of the middle of a cell."""
    told = set()
    for document in documents:
        for lat, lon in pairs(document):
            for value in (lat, lon):
                whole, minutes = int(abs(value)), abs(value) % 1 * 60
                told |= {f"{abs(value):.6f}"[:-1], f"{whole:02d}{minutes:05.2f}", f"{whole:02d} {minutes:05.2f}",
                         f"{whole}°{minutes:.1f}"}
        for key in ("raw", "dedupe", "destination", "text", "comment", "status", "object", "alt_m", "speed_m_s", "course_deg", "snr_db",
                    "rssi_dbfs", "time_s", "peak"):
            if isinstance(document.get(key), str) and document[key]:
                told.add(json.dumps(document[key], ensure_ascii=False))
            elif document.get(key):
                told.add(f'"{key}": {document[key]}')
    return told


def is_exact(number, exact):
    return any(abs(abs(number) - abs(value)) < 2e-5 for place in exact for value in place)


def run(folder, lines, options, until):
    """What the exact and what the other broker are told of those lines."""
    folder.mkdir()
    encode(folder / "tape.wav", lines, "--seed", "7")
    brokers = {}
    for name in ("exact", "coarse"):
        (folder / name).mkdir()
        brokers[name] = Broker(folder / name).start()
    subscribers = {name: Subscriber(broker) for name, broker in brokers.items()}
    tower = Tower(folder, folder / "tape.wav", {name: f"port = {broker.port}\n" + (options if name == "coarse" else "")
                                                for name, broker in brokers.items()},
                  extra='site { id = "test" allow_list = false latitude_deg = 31.487312 longitude_deg = -111.544356 altitude_m = 1124.5 }\n'
                        'report { health_s = 1 stats_s = 1 }\n')
    try:
        tower.start()
        wait_until(lambda: all(until(subscriber) for subscriber in subscribers.values()), 30, "everything has come")
        assert tower.stop() == 0
        wait_until(lambda: all(d["state"] == "offline" for s in subscribers.values() for d in s.documents("status")[-1:]), 10, "the end")
        return [[(topic, payload) for _, topic, _, payload in subscribers[name].poll() if payload] for name in ("exact", "coarse")]
    finally:
        if tower.process:
            tower.process.kill()
            tower.process.wait()
        for subscriber in subscribers.values():
            subscriber.stop()
        for broker in brokers.values():
            broker.kill()


def check_documents(told):
    for topic, payload in told:
        schema.validator(schema.name_of_topic(f"atalaya/v1/{topic}")).validate(payload)


def distance_m(a, b):
    return math.hypot((a[0] - b[0]) * 111000, (a[1] - b[1]) * 111000 * math.cos(math.radians(a[0])))


def routine_tells_no_more_than_the_cell(folder):
    many = len(SCENERY + STEPS)
    exact, coarse = run(folder / "routine", SCENERY + STEPS, f"position_precision_m = {CELL_M}",
                        lambda s: len(s.documents("position") + s.documents("message")) >= many and s.documents("stats"))
    check_documents(coarse)
    kinds = {topic.split("/")[2] for topic, _ in coarse}
    assert {"status", "info", "health", "stats", "position", "message", "unit", "activity"} <= kinds and "rx" not in kinds, kinds
    known = forms(payload for _, payload in exact)
    bytes_of = {name: "\n".join(json.dumps(payload, ensure_ascii=False) + topic for topic, payload in told)
                for name, told in (("exact", exact), ("coarse", coarse))}
    assert sum(form in bytes_of["exact"] for form in known) > 60, "the forms are not those of the documents"
    assert re.search(r"DM41|3129\.|walkers|SQ2X1R|CACHE", bytes_of["exact"])
    leaked = [form for form in known if form in bytes_of["coarse"]]
    assert not leaked, leaked
    assert not re.search(r"(?i)DM41|3129\.|walkers|SQ2X1R|CACHE|tank|going north", bytes_of["coarse"])
    places = {place for _, payload in exact for place in pairs(payload)}
    for topic, payload in coarse:
        assert not any(is_exact(number, places) for number in numbers(payload)), (topic, payload)
    # Still of use: who, when and about where.
    for topic, payload in coarse:
        if "/position/" in topic:
            partner = next(p for t, p in exact if t == topic and p["id"] == payload["id"])
            off = distance_m((payload["lat_deg"], payload["lon_deg"]), (partner["lat_deg"], partner["lon_deg"]))
            own = payload["accuracy_m"] - partner.get("accuracy_m", 0)
            assert off <= payload["accuracy_m"] and CELL_M / 2 < own < CELL_M, (off, payload)
            assert payload["unit"] == partner["unit"] and payload["time_ms"] == partner["time_ms"]
    walked = {(p["lat_deg"], p["lon_deg"]) for t, p in coarse if t.endswith("position/ax25.N0CALL-9")}
    truly = {(p["lat_deg"], p["lon_deg"]) for t, p in exact if t.endswith("position/ax25.N0CALL-9")}
    assert len(walked) == 1 and len(truly) == len(STEPS), (walked, truly)


def a_distress_is_exact(folder):
    exact, coarse = run(folder / "distress", STEPS[:1] + [CALL], f"position_precision_m = {CELL_M}",
                        lambda s: s.documents("distress") and len(s.documents("position")) > 1)
    check_documents(coarse)
    for told in (exact, coarse):
        last = [p for t, p in told if "/distress/" in t][-1]
        assert abs(last["position"]["lat_deg"] - 31.509167) < 1e-5 and last["text"].startswith("EMERGENCY"), last
        assert any("/call/" in t for t, _ in told)
    rest = json.dumps([p for t, p in coarse if "/distress/" not in t])
    assert "31.509" not in rest and "snake" not in rest, rest


def unless_it_is_wanted_otherwise(folder):
    exact, coarse = run(folder / "otherwise", STEPS[:1] + [CALL], f"position_precision_m = {CELL_M}\ncoarse_distress = true",
                        lambda s: s.documents("distress") and len(s.documents("position")) > 1)
    check_documents(coarse)
    assert any("/call/" in topic for topic, _ in exact) and not any("/call/" in topic for topic, _ in coarse)
    last = [p for t, p in coarse if "/distress/" in t][-1]
    assert last["state"] == "delivered" or last["state"] == "raised", last
    off = distance_m((last["position"]["lat_deg"], last["position"]["lon_deg"]), (31.509167, -111.561))
    assert 20 < off <= last["position"]["accuracy_m"], last
    whole = json.dumps(coarse)
    hidden = [p for t, p in exact if "/distress/" in t][-1]
    for form in ("31.509", "111.561", "snake", "3130.55", hidden["dedupe"], hidden["incident"], hidden["audit"]["hash"]):
        assert form in json.dumps(exact) + "3130.55" and form not in whole, form


def main():
    with workplace() as folder:
        routine_tells_no_more_than_the_cell(folder)
        a_distress_is_exact(folder)
        unless_it_is_wanted_otherwise(folder)
    print("rough is rough")


main()
