# SPDX-License-Identifier: Apache-2.0
"""A 406 MHz beacon hears no answer. Its owner's handheld does: registered as one unit, the handheld is told what was done about the
beacon, the document says which radio that was, and what the handheld confirms is confirmed."""
import json
import os
import subprocess

import schema
from centre import Key
from kiss import frame as kiss
from pseudo_terminal import PluggedPort
from tower import PROGRAM, Broker, Subscriber, Tower, encode, ending, wait_until, workplace

RATE_HZ, BEACONS_HZ = 48000, 406028000
BEACON = {"protocol": "cospas_sarsat", "kind": "position", "beacon_protocol": "standard location PLB serial", "country": 366,
          "position_source": "internal", "homing": "121.5 MHz", "tac": 500, "serial_number": 1234, "lat_deg": 31.49,
          "lon_deg": -111.53, "distress": "raised"}


def decode(tape):
    found = subprocess.run([PROGRAM, "decode", "-q", "-f", "cf32", "-r", str(RATE_HZ), str(tape)], check=True, capture_output=True,
                           text=True).stdout
    return json.loads(found.splitlines()[0])


with workplace() as folder:
    tape, key, tnc = folder / "tape.cf32", Key(PROGRAM, folder, "yuma-ana"), PluggedPort(folder / "tnc")
    encode(tape, [BEACON], "--iq", "cf32", "-r", str(RATE_HZ), "--cnr", "10")
    tnc.plug()
    broker = Broker(folder).start()
    subscriber = Subscriber(broker, "-T", "atalaya/v1/site/+/command/#")
    tower = Tower(folder, None, {"hq": f"port = {broker.port}"}, extra='site { id = "north" }\n'
                  f'source "sdr" {{ type = file path = "{tape}" format = cf32 rate_hz = {RATE_HZ} centre_hz = {BEACONS_HZ} pace = true\n'
                  f' channel "beacons" {{ protocols = {{"cospas_sarsat"}} frequency_hz = {BEACONS_HZ} }} }}\n'
                  f'source "tnc" {{ type = kiss device = "{tnc.path}" channel "packet" {{ protocols = {{"ax25"}} frequency_hz = 144390000 }} }}\n'
                  'transmitter "packet" { channel = "packet" radios = {"ax25.N0CALL-10"} }\n'
                  f'unit "patrol-1" {{ radios = {{"cospas_sarsat.{decode(tape)["unit"]}", "ax25.N0CALL-7"}} }}\n'
                  'centre "yuma" {\n' + key.section(["acknowledge"]) + "}\nanswer { repeat_s = 1 repeats = 20 }\n")

    def last():
        return (subscriber.documents("distress") or [{}])[-1]

    with ending(tower.kill, tnc.unplug, subscriber.stop, broker.kill):
        tower.start()
        wait_until(lambda: last().get("unit") == "patrol-1" and tnc.is_held(tower.process), 30, "the beacon is the patrol's")
        assert last()["radio"].startswith("cospas_sarsat.") and last()["answer"]["reach"] == "unheard", last()
        os.write(tnc.end, kiss("N0CALL-7", ">on foot"))
        wait_until(lambda: last()["answer"]["reach"] == "unit", 10, "its handheld is heard")
        said = subprocess.run([PROGRAM, "command", "acknowledge", "--key", str(key.path), "--site", "north", "--port", str(broker.port),
                               "--distress", last()["distress"], "--person", "Ana Ruiz"], capture_output=True, text=True, timeout=60)
        assert said.returncode == 0 and "told on another radio of the unit" in said.stdout, said
        wait_until(lambda: b":N0CALL-7 :A PERSON HAS YOUR CALL{" in tnc.read(), 20, "the handheld is told")
        wait_until(lambda: last()["state"] == "radio_acked", 10, "it was keyed")
        assert last()["answer"]["radio"] == "ax25.N0CALL-7" and not last()["answer"]["radio_confirmed"], last()
        number = tnc.heard.split(b"YOUR CALL{")[1].split(b"\xc0")[0].decode()
        os.write(tnc.end, kiss("N0CALL-7", f":N0CALL-10:ack{number.split('}')[0]}"))
        wait_until(lambda: last()["answer"]["radio_confirmed"], 10, "the handheld confirms it")
        schema.check("distress", subscriber.documents("distress"))
        schema.check("call", subscriber.documents("call"))
        story = subprocess.run([PROGRAM, "incident", last()["distress"], "--path", str(tower.spool)], capture_output=True, text=True,
                               check=True).stdout
        assert "acknowledged, to ax25.N0CALL-7" in story, story
        assert tower.stop() == 0
