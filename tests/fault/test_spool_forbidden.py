# SPDX-License-Identifier: Apache-2.0
"""Somebody ran things by hand as root, and left files behind that the gateway's user may not open: a call for help goes out all the
same, health and `atalaya check` say which file it is, whose, and what to do, and all is well once that is done, without a restart."""
import os
import pwd
import shutil
import subprocess
import sys

from kiss import frame as kiss
from pseudo_terminal import PluggedPort
from tower import Broker, Subscriber, Tower, ending, wait_until, workplace

if os.geteuid() != 0:
    print("skipped: only root leaves files that others cannot write")
    sys.exit(77)
NOBODY = pwd.getpwnam("nobody")
WHO = {"user": NOBODY.pw_uid, "group": NOBODY.pw_gid, "extra_groups": []}
# What belongs to root below the folder of the service, and whether the disk fails for it.
CASES = {"database": ("state/spool.db", True), "folder": ("state", True), "folder above": (".", True), "log": ("state/spool.db-wal", True),
         "lock": ("state/spool.db-lock", False)}


def give(path, user, mode):
    os.chown(path, user, -1)
    path.chmod(mode)


def run(folder, name, of_root, fails):
    below = folder / "service"
    state = below / "state"
    below.mkdir()
    program = folder / "atalaya"
    broker = Broker(folder).start()
    port = PluggedPort(folder / "tnc")
    port.plug()
    give(folder / "tnc", NOBODY.pw_uid, 0o600)
    extra = f'source "tnc" {{ type = kiss device = "{port.path}" }}\nspool {{ path = "{state}/spool.db" batch_s = 0.2 }}\n'
    tower = Tower(folder, None, {"hq": f"port = {broker.port}"}, extra=extra)
    shutil.copy(tower.program, program)  # where any user finds it
    tower.program = program
    subscriber = Subscriber(broker)

    def spool():
        return subscriber.documents("health")[-1]["spool"] if subscriber.documents("health") else {}

    def check():
        return subprocess.run([program, "check", "--config", tower.config], capture_output=True, text=True, check=False, **WHO).stdout

    with ending(tower.kill, subscriber.stop, broker.kill, port.unplug):
        path = below / of_root
        if name != "folder above":
            state.mkdir()
            give(state, NOBODY.pw_uid, 0o700)
        give(below, NOBODY.pw_uid, 0o755)
        path.exists() or path.touch()
        give(path, 0, 0o755 if path.is_dir() else 0o600)
        tower.start(**WHO)
        wait_until(lambda: "error" in spool(), 20, "health says why")
        said = f"{path}: Permission denied (it belongs to root); give it to the gateway's user (chown)"
        assert spool()["error"] == said, spool()
        assert spool()["failing"] is fails and subscriber.documents("health")[-1]["well"] is False, spool()
        assert str(path) in check(), check()
        wait_until(lambda: port.is_held(tower.process), 20, "the TNC is open")
        os.write(port.end, kiss("N0CALL-1", ">SOS"))
        wait_until(lambda: [d["state"] for d in subscriber.documents("distress")][-1:] == ["delivered"], 20, "the call is delivered")
        give(path, NOBODY.pw_uid, 0o700)
        wait_until(lambda: "error" not in spool() and not spool()["failing"], 20, "the spool is well")
        assert tower.stop() == 0
        assert (state / "spool.db").stat().st_size > 0


for case, how in CASES.items():
    with workplace() as where:
        run(where, case, *how)
    print(case)
