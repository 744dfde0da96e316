#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Software radios that fall silent, are unplugged, hang up or hang: noticed within 5 s, told in health, taken up again, and
the other sources go on. A driver that hangs starves the watchdog and stops neither the start nor the end of the gateway."""
import os
import signal
import socket
import sys
import threading
import time

from rtl_server import RtlServer
from tower import Broker, Subscriber, Tower, encode, position, wait_until, workplace

if "SOAPY_SDR_PLUGIN_PATH" not in os.environ:
    print("skipped: no C++ compiler built the driver of the tests")
    sys.exit(77)

RATE = 240000


def listen(notify, words):
    """Somebody must read: a full socket would stop the gateway."""
    while True:
        words.append(notify.recv(4096))


def fed(words):
    """Whether the watchdog was fed since the last call."""
    seen = words[:]
    del words[:len(seen)]
    return any(b"WATCHDOG=1" in word for word in seen)


with workplace() as folder:
    control = folder / "control"
    control.write_text("run\n")
    os.environ["TAPE_CONTROL"] = str(control)
    encode(folder / "tape.wav", [position(1)], "--rate", "9600")
    broker, net = Broker(folder).start(), RtlServer(RATE)
    subscriber = Subscriber(broker)
    band = f'rate_hz = {RATE} centre_hz = 144.8e6 channel "%s" {{ protocols = {{"ax25"}} frequency_hz = 144.82e6 }}'
    extra = (f'source "usb" {{ type = soapy device = "driver=tape" {band % "u"} }}\n'
             f'source "net" {{ type = rtl_tcp device = "127.0.0.1:{net.port}" {band % "n"} }}\n')
    tower = Tower(folder, folder / "tape.wav", {"hq": f"port = {broker.port}\nretry_min_s = 0.2"}, pace=True, extra=extra)
    tower.config.write_text(tower.config.read_text().replace("pace = true", "pace = true\n loop = true"))
    notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    notify.bind(str(folder / "notify"))
    words = []
    threading.Thread(target=listen, args=(notify, words), daemon=True).start()
    os.environ["NOTIFY_SOCKET"] = str(folder / "notify")

    def source(name):
        documents = subscriber.documents("health")
        return next((s for s in documents[-1]["sources"] if s["name"] == name), {}) if documents else {}

    def expect(seconds, usb, net_state):
        wait_until(lambda: (source("usb").get("state"), source("net").get("state")) == (usb, net_state), seconds,
                   f"usb {usb}, net {net_state}")

    try:
        control.write_text("hang-open\n")
        tower.start()
        wait_until(lambda: source("tape").get("state") == "running", 10, "a start in spite of a driver that hangs")
        assert source("usb")["state"] == "starting", source("usb")
        control.write_text("run\n")
        expect(3, "running", "running")
        wait_until(lambda: source("net")["signal_s"] > 0.5 and source("usb")["signal_s"] > 0.5, 10, "samples")
        assert (1, 144800000) in net.commands and (2, RATE) in net.commands, net.commands

        control.write_text("silent\n")
        net.stalled = True
        expect(6.5, "gone", "gone")                       # 5 s, and the interval of health
        assert subscriber.documents("health")[-1]["well"] is False
        assert all("no samples" in source(name)["error"] for name in ("usb", "net")), "a device that opens and gives nothing"
        control.write_text("run\n")
        net.stalled = False
        expect(8, "running", "running")
        control.write_text("absent\n")
        net.hang_up()
        expect(2.5, "gone", "gone")
        wait_until(lambda: "no such tape machine" in source("usb").get("error", "") and "cannot reach" in source("net").get("error", ""),
                   5, "health says why they are gone")
        control.write_text("run\n")
        net.come_back()
        expect(8, "running", "running")
        assert "error" not in source("usb") and "error" not in source("net")
        assert source("usb")["openings"] == 3 and source("net")["openings"] == 3

        control.write_text("hang\n")
        expect(5.5, "hangs", "running")
        assert source("usb")["error"] == "its driver does not return"
        fed(words)
        heard = source("tape")["signal_s"]
        time.sleep(1.7)
        assert not fed(words), "the watchdog is fed while a driver hangs"
        assert source("tape")["signal_s"] > heard + 0.5, "the others stand still"
        control.write_text("run\n")
        expect(3, "running", "running")
        wait_until(lambda: fed(words), 3, "the watchdog is fed again")
        control.write_text("hang\n")
        time.sleep(0.2)
        assert tower.stop() == 0 and "left behind" in tower.log()
    except BaseException:
        print(subscriber.documents("health")[-1:], tower.log()[-4000:])
        raise
    finally:
        if tower.process:
            tower.process.send_signal(signal.SIGKILL)
        subscriber.stop()
        broker.kill()
