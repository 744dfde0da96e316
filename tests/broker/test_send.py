# SPDX-License-Identifier: Apache-2.0
"""`atalaya send`: an engineer without a broker keys a transmitter of the configuration; what is sent is the text, the key is up before
and after; nothing is sent unasked, that calls for help, or while a gateway holds the radio."""
import fcntl
import os
import subprocess
import time

from sounder import Sounder
from tower import PROGRAM, wait_until, workplace

with workplace() as folder:
    sounder = Sounder(folder)
    conf = folder / "site.conf"
    conf.write_text(f'site {{ id = "north" }}\nspool {{ path = "{folder}/spool.db" }}\n'
                    'source "radio" { type = stdin channel "aprs" { protocols = {"ax25"} frequency_hz = 144.39M } }\n' +
                    sounder.section("aprs", ["ax25.N0CALL-10"]), encoding="utf-8")

    def send(*words):
        return subprocess.run([PROGRAM, "send", "--config", str(conf), *words], capture_output=True, text=True, timeout=60, check=False,
                              env={**os.environ, **sounder.environment})

    def refused(words, *arguments, status=1):
        result = send(*arguments)
        assert result.returncode == status and words in result.stderr and not sounder.key.times_down(), (arguments, result)

    refused("hear that the channel is free, then --now", status=2)
    refused("has no transmitter south", "south", "--now")
    refused("these words call for help", "--now", "--text", "SOS")
    with open(folder / "spool.db-lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        refused("the gateway runs and holds that radio", "--now")

    done = send("out", "--now", "--times", "2")
    assert done.returncode == 0 and done.stdout == "ok   1 of 2: sent\nok   2 of 2: sent\n", done
    wait_until(lambda: not sounder.key.is_down(), 5, "the key is up")
    assert sounder.key.times_down() == 2, sounder.key.changes
    assert [(d["unit"], d["text"]) for d in sounder.heard("-p", "ax25")] == [("N0CALL-10", "TEST of north")] * 2, sounder.heard()

    # Whoever ends it by Ctrl-C leaves no key down.
    process = subprocess.Popen([PROGRAM, "send", "--config", str(conf), "--now", "--text", "long " * 12, "--times", "9"],
                               env={**os.environ, **sounder.environment}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_until(sounder.key.is_down, 10, "it keys")
    process.send_signal(2)
    assert process.wait(10) == 1
    wait_until(lambda: not sounder.key.is_down(), 2, "the key is up")
    time.sleep(1.2)
    assert not sounder.key.is_down()

    sounder.key.unplug()
    lost = send("--now")
    assert lost.returncode == 1 and "FAIL 1 of 1: device_lost" in lost.stdout and "its key is not there" in lost.stderr, lost
