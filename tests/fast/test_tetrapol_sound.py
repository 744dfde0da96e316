# SPDX-License-Identifier: Apache-2.0
"""A TETRAPOL transmission and an alarm as a discriminator gives them, written by `atalaya encode`, read by
`atalaya decode`: start, caller and end at their times, and the alarm as distress of the radio that named itself."""
import json
import os
import pathlib
import subprocess
import tempfile

PROGRAM = os.environ["ATALAYA_PROGRAM"]
UNIT = "012-3-45-678"


def through_sound(*messages):
    with tempfile.TemporaryDirectory() as folder:
        wav = pathlib.Path(folder) / "sound.wav"
        subprocess.run([PROGRAM, "encode", "-o", wav, "--ebn0", "20", *map(json.dumps, messages)], check=True)
        out = subprocess.run([PROGRAM, "decode", "-q", wav], check=True, capture_output=True, text=True).stdout
    return [json.loads(line) for line in out.splitlines()]


heard = through_sound({"protocol": "tetrapol", "event": "transmission", "unit": UNIT, "transmission_s": 1.6, "scr": 4,
                       "time_s": 1.0})
events = {message["event"]: message for message in heard}
assert len(heard) == 3 and set(events) == {"transmission_start", "caller", "transmission_end"}, heard
assert events["caller"]["unit"] == events["transmission_end"]["unit"] == UNIT
assert abs(events["transmission_start"]["time_s"] - 1.0) < 0.03, events["transmission_start"]
assert abs(events["transmission_end"]["time_s"] - 1.0) < 0.03, events["transmission_end"]
assert 1.58 <= events["transmission_end"]["transmission_s"] <= 1.6001  # the receiver may need a frame to settle
assert abs(events["caller"]["time_s"] - 1.16) < 0.005
end = events["transmission_end"]
assert abs(end["time_s"] + end["duration_s"] - 2.6) < 0.005, end
assert all("distress" not in message for message in heard)

heard = through_sound({"protocol": "tetrapol", "event": "emergency_pattern", "unit": UNIT, "scr": 77, "band": "vhf"})
alarms = [message for message in heard if message["event"] == "emergency_pattern"]
assert len(alarms) == 1 and alarms[0]["distress"] == "raised" and alarms[0]["unit"] == UNIT, heard
assert alarms[0]["experimental"] is True
print("start, caller, end, alarm")
