#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A band on the air, heard by a whole gateway through rtl_tcp and through a driver of SoapySDR: what is decoded, what is
only on the air, who it was as far as the list allows, when, how strong."""
import json
import os
import subprocess
import sys

import schema
from rtl_server import RtlServer
from tower import PROGRAM, Broker, Subscriber, Tower, ending, wait_until, workplace

RATE, CENTRE = 240000, 154.6e6
A, B, C = 154.56e6, 154.5725e6, 154.64e6
valid = schema.validator("activity")

if "SOAPY_SDR_PLUGIN_PATH" not in os.environ:
    print("skipped: no C++ compiler built the driver of the tests")
    sys.exit(77)


def band(folder):
    """Three channels: one who is on the list, one who is not, and on C a stranger's burst that nobody decodes there."""
    lines = [{"protocol": "mdc1200", "unit": "0A01", "kind": "other", "meaning": "ptt_begin", "frequency_hz": A, "time_s": 1.5, "cnr_db": 25},
             {"protocol": "mdc1200", "unit": "0B02", "kind": "other", "meaning": "ptt_begin", "frequency_hz": B, "time_s": 2.5, "cnr_db": 20,
              "offset_hz": 700},
             {"protocol": "ax25", "unit": "N0CALL-9", "kind": "status", "status": "on foot", "frequency_hz": C, "time_s": 3.5, "cnr_db": 12}]
    path = folder / "band.cu8"
    subprocess.run([PROGRAM, "encode", "-o", str(path), "--iq", "cu8", "--rate", str(RATE), "--centre", str(CENTRE), "--noise", "-50", "--tail", "3"]
                   + [json.dumps(line) for line in lines], check=True)
    return path


def section(name, body):
    channels = "".join(f' channel "{name}-{c}" {{ protocols = {{"mdc1200"}} frequency_hz = {hz} }}\n' for c, hz in
                       (("a", A), ("b", B), ("c", C)))
    return f'source "{name}" {{\n {body} rate_hz = {RATE} centre_hz = {CENTRE}\n{channels}}}\n'


with workplace() as folder:
    samples = band(folder)
    broker, server = Broker(folder).start(), RtlServer(RATE, samples.read_bytes())
    subscriber = Subscriber(broker)
    extra = ('site { id = "test" }\nunit "patrol-1" { radios = {"mdc1200.0A01"} }\n' +
             section("net", f'type = rtl_tcp device = "127.0.0.1:{server.port}"') +
             section("usb", f'type = soapy device = "driver=tape,path={samples}"'))
    tower = Tower(folder, None, {"hq": f"port = {broker.port}\nretry_min_s = 0.2"}, extra=extra)

    def ended(channel):
        return [d for d in subscriber.documents("activity") if d["channel"] == channel and d["state"] == "ended"]

    with ending(tower.kill, subscriber.stop, broker.kill):
        tower.start()
        wait_until(lambda: all(ended(f"{name}-{c}") for name in ("net", "usb") for c in "abc"), 25, "all six channels")
        for document in subscriber.documents("activity"):
            valid.validate(document)
        for name in ("net", "usb"):
            a, b, c = (ended(f"{name}-{letter}")[-1] for letter in "abc")
            print(name, a, b, c)
            assert a["units"] == ["patrol-1"] and a["bursts"] == 1, a
            assert "units" not in b and b["unnamed"] == 1 and "0B02" not in json.dumps(b), b
            assert c["bursts"] == 0 and "units" not in c, c
            assert a["frequency_hz"] == A and abs(b["offset_hz"] - 700) < 80, b
            for document, cnr_db in ((a, 25), (b, 20), (c, 12)):
                assert abs(document["snr_db"] - cnr_db - 1) < 1, document   # the squelch's filter: 10 of 12.5 kHz
                assert abs(document["floor_dbfs"] + 51) < 1, document
            length_ms = samples.stat().st_size / 2 / RATE * 1000
            gaps = [(later["time_ms"] - earlier["time_ms"]) % length_ms for earlier in ended(f"{name}-a") for later in ended(f"{name}-b")]
            assert any(abs(gap_ms - 1000) < 30 for gap_ms in gaps), gaps
        heard = [d for d in subscriber.documents("rx")]
        assert {d["unit"] for d in heard} == {"patrol-1"}, heard
        assert not any("0B02" in json.dumps(d) for _, _, _, d in subscriber.poll() if d), "a unit off the list was named"
        views = [subprocess.Popen([PROGRAM, *words, "--host", "127.0.0.1", "--port", str(broker.port), "--seconds", "6"],
                                  stdout=subprocess.PIPE, text=True) for words in (["listen", "--site", "test"], ["watch", "--activity"])]
        listened, watched = (view.communicate(timeout=60)[0] for view in views)
        assert views[0].returncode == 0 and " patrol-1 mdc1200 " in listened and "net-b on the air for" in listened, listened
        assert "channel net-a was on the air" in watched and ": patrol-1" in watched, watched
        assert tower.stop() == 0
