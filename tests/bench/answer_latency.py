#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""From a person's signed acknowledgement to the first sample of the answer, on loopback: median and 99th percentile.

    ATALAYA_PROGRAM=build/release/atalaya PYTHONPATH=tests/support tests/bench/answer_latency.py [CALLS]

Each call for help is acknowledged by one command, published by a client that is connected already; the clock starts when its bytes are
handed to that client. The first sample is the gateway's own time stamp (answer.sent_time_ms of the distress: handed to ALSA's file
plug-in, the key down). The radio's txdelay_s follows it. Status 1: 300 ms or more at the median."""
import json
import statistics
import subprocess
import sys
import time

from centre import Key
from sounder import Ear, Sounder, samples
from tower import PROGRAM, Broker, Subscriber, Tower, ending, wait_until, workplace

LIMIT_MS = 300
CALLS = int(sys.argv[1]) if len(sys.argv) > 1 else 30


def emergency(number):
    return f"N0CAL{'LMNO'[number // 15 % 4]}-{number % 15 + 1}>234U6T:`(_fn\"Oj/hurt {number}"


def latencies_ms():
    with workplace() as folder:
        key, sounder, ear = Key(PROGRAM, folder, "yuma-ana"), Sounder(folder), Ear()
        broker = Broker(folder).start()
        subscriber = Subscriber(broker, "-T", "atalaya/v1/site/+/rx")
        tower = Tower(folder, None, {"hq": f"port = {broker.port}"}, extra='site { id = "north" allow_list = false }\n'
                      'source "radio" { type = stdin rate_hz = 48000 channel "aprs" { protocols = {"ax25"} frequency_hz = 144390000 } }\n'
                      'centre "yuma" {\n' + key.section(["acknowledge"]) + "}\n" + sounder.section("aprs", ["ax25.N0CALX-10"]) +
                      "answer { received = false repeats = 0 }\ndistress { join_s = 60 }\n")
        tower.start(sounder.environment, ear.read_end)
        ear.start()
        publisher = subprocess.Popen(["mosquitto_pub", "-h", "127.0.0.1", "-p", str(broker.port), "-q", "1", "-l", "-t",
                                      "atalaya/v1/site/north/command/acknowledge"], stdin=subprocess.PIPE, text=True)

        def newest(unit):
            return ([d for d in subscriber.documents("distress") if d["radio"] == f"ax25.{unit}"] or [None])[-1]

        taken = []
        with ending(publisher.kill, tower.kill, ear.close, subscriber.stop, broker.kill):
            wait_until(lambda: "is up" in tower.log(), 20, "it is up")
            for number in range(CALLS):
                line = emergency(number)
                unit = line.split(">")[0]
                ear.say(samples(folder, line))
                wait_until(lambda: newest(unit) and newest(unit)["state"] == "delivered", 20, f"call {number}")
                time.sleep(2.5 if number == 0 else 0.7)  # nobody answers a call in its first two seconds where there may be others
                command = key.command("north", "acknowledge", {"distress": newest(unit)["distress"], "person": "Ana Ruiz"})
                text = json.dumps(command, separators=(",", ":"))
                began_ms = time.time() * 1000
                publisher.stdin.write(text + "\n")
                publisher.stdin.flush()
                wait_until(lambda: newest(unit)["answer"].get("sent"), 20, f"answer {number}")
                taken.append(newest(unit)["answer"]["sent_time_ms"] - began_ms)
                wait_until(lambda: not sounder.key.is_down(), 20, "the key is up")
                time.sleep(0.4)  # the pause that it leaves after each
            return taken


values = sorted(latencies_ms())
median = statistics.median(values)
high = statistics.quantiles(values, n=100, method="inclusive")[98]
print(f"{len(values)} answers: median {median:.0f} ms, 99 % {high:.0f} ms, most {values[-1]:.0f} ms")
sys.exit(f"{median:.0f} ms at the median, {LIMIT_MS} are allowed" if median >= LIMIT_MS else 0)
