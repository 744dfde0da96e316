# SPDX-License-Identifier: Apache-2.0
"""A broker that announces a command of 256 MiB, as one that speaks 3.1.1 may (with MQTT 5 the site says what it takes): the gateway does
not take that memory, which a small board does not have, and what it has to say is said all the same."""
import os
import subprocess
import sys

from fault_rig import Tnc
from ports import free_port
from tower import Tower, ending, wait_until, workplace

if os.environ.get("ATALAYA_SANITIZE"):
    print("skipped: the sanitizers take more than the bound allows")
    sys.exit(77)

FAKE = os.path.join(os.path.dirname(__file__), "../support/fake_broker.py")


def most_kib(process):
    with open(f"/proc/{process.pid}/status", encoding="ascii") as status:
        return int(status.read().split("VmHWM:")[1].split()[0])


with workplace() as folder:
    port, heard = free_port(), folder / "heard"
    with open(heard, "wb") as out:
        fake = subprocess.Popen([sys.executable, FAKE, "endless", str(port)], stdout=out)
    tnc = Tnc(folder / "tnc")
    tnc.plug()
    tower = Tower(folder, None, {"hq": f'port = {port} version = "3.1.1" retry_max_s = 1'}, extra=f'source "tnc" {{ type = kiss device = "{tnc.path}" }}\n')
    with ending(tower.kill, tnc.unplug, fake.kill):
        tower.start()
        wait_until(lambda: tnc.is_held(tower.process), 20, "the TNC is open")
        wait_until(lambda: "no room in memory" in tower.log(), 30, "it asks for commands no more")
        assert tower.log().count("there is no memory") >= 2, tower.log()
        tnc.say("N0CALL-7", ">SOS")
        wait_until(lambda: "/distress/" in heard.read_text(), 20, "the distress")
        print("most memory:", most_kib(tower.process), "KiB")
        assert most_kib(tower.process) < 64 * 1024
        assert tower.stop() == 0
