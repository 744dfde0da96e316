# SPDX-License-Identifier: Apache-2.0
"""A 406 MHz beacon in a band of complex baseband: one distress however often it repeats itself, with its track, the best of its
positions, who it is, and a text for coordination centres; a beacon in self-test is a test and no distress."""
import json
import subprocess

import schema
from tower import PROGRAM, at_work, encode, wait_until, workplace

CENTRE_HZ, CHANNEL_HZ, RATE_HZ = 406030000, 406028000, 48000
BEACON = {"protocol": "cospas_sarsat", "kind": "position", "beacon_protocol": "standard location PLB serial", "country": 366,
          "position_source": "internal", "homing": "121.5 MHz"}


def beacon(serial, lat, lon, **more):
    return dict(BEACON, tac=500, serial_number=serial, lat_deg=lat, lon_deg=lon, **more)


def raw_of(folder, line):
    """The frame that a message becomes, in hexadecimal."""
    encode(folder / "one.cf32", [line], "--iq", "cf32", "-r", str(RATE_HZ))
    found = subprocess.run([PROGRAM, "decode", "-q", "-f", "cf32", "-r", str(RATE_HZ), str(folder / "one.cf32")],
                           check=True, capture_output=True, text=True).stdout
    return json.loads(found)["raw"]


with workplace() as folder:
    first = beacon(1234, 31.49, -111.53, distress="raised")
    second = beacon(1234, 31.4922, -111.5311, distress="raised")
    # The second field is lost: the position is good to a quarter of a degree only.
    raw = raw_of(folder, second)
    coarse = {"protocol": "cospas_sarsat", "raw": raw[:-3] + "".join(f"{15 - int(digit, 16):x}" for digit in raw[-3:])}
    lines = [first, beacon(77, 31.6, -111.5, test=True), second, coarse]
    for line, offset in zip(lines, (1500, -6000, 1510, 1520)):
        line["offset_hz"] = offset
    encode(folder / "tape.cf32", lines, "--iq", "cf32", "-r", str(RATE_HZ), "-c", str(CENTRE_HZ), "-C", str(CHANNEL_HZ), "--cnr", "6")
    extra = (f'source "sdr" {{ type = file path = "{folder / "tape.cf32"}" format = cf32 rate_hz = {RATE_HZ}\n'
             f' centre_hz = {CENTRE_HZ} pace = true\n'
             f' channel "beacons" {{ protocols = {{"cospas_sarsat"}} frequency_hz = {CHANNEL_HZ} }} }}\n')
    with at_work(folder, extra) as (subscriber, tower):
        wait_until(lambda: any(d["heard"] >= 3 for d in subscriber.documents("distress")), 30, "three bursts")
        distress = subscriber.documents("distress")
        schema.check("distress", distress)
        assert len({d["distress"] for d in distress}) == 1, distress
        assert len({d["dedupe"] for d in distress}) == 1, distress  # equal at every site, whatever was lost there
        last = distress[-1]
        assert last["unit"].startswith("cospas_sarsat.") and not last["test"], last
        assert last["details"]["hex_id"] == last["unit"].split(".")[1] and len(last["details"]["hex_id"]) == 15
        for key in ("beacon_protocol", "country", "position_source", "homing"):
            assert last["details"][key] == BEACON[key], last["details"]
        place = last["position"]  # not that of the third burst, which says the same and coarser
        assert abs(place["lat_deg"] - 31.4922) < 0.0006 and abs(place["lon_deg"] + 111.5311) < 0.0006, place
        assert place["accuracy_m"] < 100 and place["origin"] == "radio", place
        assert len(last["track"]) == 2 and abs(last["track"][0]["lat_deg"] - 31.49) < 0.0006, last["track"]
        text = last["alert_text"]
        assert last["details"]["hex_id"] in text and "31 29.53 N" in text and "406.029" in text, text
        assert "NOT A COSPAS-SARSAT ALERT" in text and "TERRESTRIAL" in text, text
        tests = [d for d in subscriber.documents("position") if d["unit"] != last["unit"]]
        assert tests and all(d["test"] and d["sync"] == "self-test" for d in tests), tests
        assert all(not d["test"] for d in subscriber.documents("position") if d["unit"] == last["unit"])
        tower.stop()
        tower.start()  # after a restart the incident still says it all
        count = len(subscriber.documents("distress"))
        wait_until(lambda: any(d["heard"] >= 6 for d in subscriber.documents("distress")[count:]), 30, "the same after a restart")
        again = subscriber.documents("distress")[-1]
        assert again["distress"] == last["distress"] and again["details"] == last["details"], again
        assert len(again["track"]) >= 3, again["track"]  # it went back to the first place and on to the second
        assert tower.stop() == 0
