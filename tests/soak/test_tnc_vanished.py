# SPDX-License-Identifier: Apache-2.0
"""A TNC on the network whose machine vanishes without a word, at rest and while it is being sent to: it is gone within 30 s,
health and log say so, and it is taken up again when its machine is back. Two networks of the test's own, one of them with the
TNC alone, whose address is taken away. About two minutes."""
import ctypes
import json
import os
import shutil
import subprocess
import sys
import threading
import time

if "ATALAYA_TNC_NETWORK" not in os.environ:
    if not shutil.which("unshare") or subprocess.run(["unshare", "-rn", "ip", "link"], capture_output=True, check=False).returncode:
        print("no network of its own to be had here (unshare -rn)")
        sys.exit(77)
    os.environ["ATALAYA_TNC_NETWORK"] = "own"
    os.execvp("unshare", ["unshare", "-rn", sys.executable, *sys.argv])

from centre import Key  # noqa: E402
from kiss import frame  # noqa: E402
from kiss_server import KissServer  # noqa: E402
from tower import PROGRAM, Broker, Subscriber, Tower, ending, wait_until, workplace  # noqa: E402

CLONE_NEWNET = 0x40000000
GONE_WITHIN_S, BACK_WITHIN_S = 30, 20
HERE, THERE = "192.0.2.1", "192.0.2.2"
made, ended = threading.Event(), threading.Event()
far = {}


def ip(*words):
    subprocess.run(["ip", *words], check=True)


def live_there():
    """A thread has a network of its own, and the sockets that it makes stay in there. What it starts is in there as well."""
    assert ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET) == 0
    far["thread"] = threading.get_native_id()
    made.set()
    far["begin"].wait()
    ip("link", "set", "lo", "up")
    ip("link", "set", "far", "up")
    ip("addr", "add", f"{THERE}/24", "dev", "far")
    far["tnc"] = KissServer(THERE)
    far["ready"].set()
    while not ended.wait(0.05):
        if order := far.pop("order", None):
            ip("addr", order, f"{THERE}/24", "dev", "far")


def there(order):
    far["order"] = order
    wait_until(lambda: "order" not in far, 5, order)
    time.sleep(0.5)


far["begin"], far["ready"] = threading.Event(), threading.Event()
ip("link", "set", "lo", "up")
threading.Thread(target=live_there, daemon=True).start()
assert made.wait(10)
ip("link", "add", "near", "type", "veth", "peer", "name", "far", "netns", str(far["thread"]))
ip("addr", "add", f"{HERE}/24", "dev", "near")
ip("link", "set", "near", "up")
far["begin"].set()
assert far["ready"].wait(10)
tnc = far["tnc"]

with workplace() as folder:
    key = Key(PROGRAM, folder, "yuma-ana")
    broker = Broker(folder, "allow_anonymous true\nuser root\n").start()  # of the network: there is nobody else in there
    subscriber = Subscriber(broker, "-T", "atalaya/v1/site/+/command/#")
    tower = Tower(folder, None, {"hq": f"port = {broker.port}"}, extra='site { id = "north" allow_list = false }\n'
                  f'source "tnc" {{ type = kiss host = "{THERE}" port = {tnc.port} channel "packet" {{ protocols = {{"ax25"}} frequency_hz = 144390000 }} }}\n'
                  'centre "yuma" {\n' + key.section(["message"]) + "}\n"
                  'transmitter "packet" { channel = "packet" radios = {"ax25.N0CALL-10"} }\n')

    def source():
        health = subscriber.documents("health")
        return health[-1]["sources"][0] if health else {}

    with ending(tower.kill, ended.set, subscriber.stop, broker.kill):
        tower.start()
        for turn, sent_to in enumerate((False, True)):
            wait_until(lambda: tnc.is_called() and source().get("state") == "running", BACK_WITHIN_S, "connected")
            tnc.say(frame("N0CALL-4", f":DISPATCH :number {turn}"))
            subscriber.wait_for("message", turn + 1)
            there("del")
            began = time.monotonic()
            if sent_to:
                asked = subprocess.Popen([PROGRAM, "command", "message", "--key", str(key.path), "--site", "north", "--port",
                                          str(broker.port), "--unit", "ax25.N0CALL-7", "--radio", "ax25.N0CALL-7", "--text", "anybody",
                                          "--wait", "60"], stdout=subprocess.PIPE, text=True)
            wait_until(lambda: source().get("state") == "gone", GONE_WITHIN_S, "it is told as gone")
            print(f"{'sent to' if sent_to else 'at rest'}: gone after {time.monotonic() - began:.1f} s: {source()['error']}", flush=True)
            assert ("to be sent are lost" in source()["error"]) == sent_to, source()
            if sent_to:
                last = json.loads(asked.communicate(timeout=60)[0].splitlines()[-1])["transmission"]
                assert (last["result"], last["sent"]) == ("device_lost", False), last
            time.sleep(9)  # some calls in vain
            tnc.hang_up()
            there("add")
            began = time.monotonic()
            wait_until(tnc.is_called, BACK_WITHIN_S, "it calls again")
            print(f"called again after {time.monotonic() - began:.1f} s", flush=True)
        assert [d["text"] for d in subscriber.documents("message")] == ["number 0", "number 1"]
        assert tower.log().count("is gone") == 2, tower.log()
        assert tower.stop() == 0
