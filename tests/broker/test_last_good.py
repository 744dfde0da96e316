# SPDX-License-Identifier: Apache-2.0
"""A tower whose configuration the card has damaged, or that somebody left wrong before the power went, comes up with the last one that was
good, and says so; a file that is changed and not reloaded is told while there is time; without a state directory there is nothing to fall
back on, and the start fails with its reason."""
import os
import signal
import subprocess

import kiss
from pseudo_terminal import PluggedPort
from tower import PROGRAM, Broker, Subscriber, Tower, ending, position, wait_until, workplace

UNIT = 'unit "patrol-1" { radios = {"ax25.N0CALL-1"} }\n'


def configuration(subscriber):
    faults = (subscriber.documents("health") or [{}])[-1].get("faults")
    return None if faults is None else "".join(fault["text"] for fault in faults if fault["kind"] == "configuration")


with workplace() as folder:
    state = folder / "state"
    state.mkdir()
    port = PluggedPort(folder / "tnc")
    port.plug()
    broker = Broker(folder).start()
    subscriber = Subscriber(broker)
    tower = Tower(folder, None, {"hq": f"port = {broker.port}"},
                  extra=f'site {{ id = "test" }}\nsource "tnc" {{ type = kiss device = "{port.path}" }}\n' + UNIT)
    kept = {"STATE_DIRECTORY": str(state)}
    good = tower.config.read_text(encoding="utf-8")

    def start():
        subscriber.seen.clear()
        tower.start(kept)
        wait_until(lambda: port.is_held(tower.process), 20, "the TNC is open")

    def is_heard(number):
        os.write(port.end, kiss.frame("N0CALL-1", position(number).split(":", 1)[1]))
        wait_until(lambda: f"number {number}" in str(subscriber.documents("position")), 20, "it works")

    with ending(tower.kill, subscriber.stop, broker.kill, port.unplug):
        start()
        wait_until(lambda: (state / "last-good.conf").exists(), 20, "a copy")
        assert (state / "last-good.conf").stat().st_mode & 0o77 == 0
        is_heard(1)
        # Changed, not reloaded: told before the power goes.
        tower.config.write_text(good.replace("unit ", "unti "), encoding="utf-8")
        wait_until(lambda: "next start takes the last one" in configuration(subscriber), 20, "it is told")
        is_heard(2)
        tower.process.send_signal(signal.SIGKILL)
        tower.kill()
        for broken in (good.replace("unit ", "unti "), good[:len(good) // 2], "", "\0" * 4096, None):
            if broken is None:
                tower.config.unlink()
            else:
                tower.config.write_text(broken, encoding="utf-8")
            start()
            wait_until(lambda: "came up with the last one" in (configuration(subscriber) or ""), 20, "it says so")
            is_heard(3)
            tower.kill()
        assert (state / "last-good.conf").read_text(encoding="utf-8") == good
        # Somebody corrects it: well again, and that is the one to keep.
        start()
        better = good + UNIT.replace("1", "2")
        tower.config.write_text(better, encoding="utf-8")
        tower.process.send_signal(signal.SIGHUP)
        wait_until(lambda: configuration(subscriber) == "", 20, "it is content")
        wait_until(lambda: (state / "last-good.conf").read_text(encoding="utf-8") == better, 20, "kept")
        assert tower.stop() == 0
        # Neither is usable; and by hand there is no copy.
        tower.config.write_text("site {", encoding="utf-8")
        (state / "last-good.conf").write_text("site {", encoding="utf-8")
        for environment in (kept, {}):
            ended = subprocess.run([PROGRAM, "run", "--config", str(tower.config)], env={**os.environ, **environment}, capture_output=True, text=True, timeout=20, check=False)
            assert ended.returncode == 2 and "site.conf:1" in ended.stderr, ended
