# SPDX-License-Identifier: Apache-2.0
"""A key never stays down. It is watched on a pseudo-terminal that stands for the hidraw node of a sound card, while what should let go of it
is killed, stopped, or hangs. Not proven here: a machine that stops as a whole, a keeper stuck in a driver, and real lines (no radio, no
GPIO chip)."""
import concurrent.futures
import json
import os
import pathlib
import signal
import subprocess
import time

from centre import Key
from sounder import Sounder
from tower import PROGRAM, Broker, Tower, wait_until, workplace

UP_WITHIN_S = 3  # the keeper's patience is 0.5 s; the rest is for a machine that is busy with other tests
LONG = "w" * 67
SITE = ('site {{ id = "{}" allow_list = false }}\nsource "radio" {{ type = stdin rate_hz = 48000\n'
        'channel "aprs" {{ protocols = {{"ax25"}} frequency_hz = 144390000 }} }}\n')


def keeper_of(process):
    """The process id of the gateway's keeper."""
    for entry in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            status = (entry / "status").read_text()
            words = (entry / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if f"PPid:\t{process.pid}\n" in status and b"ptt-keeper" in words:
            return int(entry.name)
    return None


class Site:
    def __init__(self, folder, broker, key, sounder, extra=""):
        self.name, self.broker, self.key, self.sounder = folder.name, broker, key, sounder
        folder.mkdir()
        self.read_end, self.write_end = os.pipe()  # a receiver that hears nothing
        self.tower = Tower(folder, None, {"hq": f"port = {broker.port}"}, extra=SITE.format(self.name) + 'centre "yuma" {\n' + key.section(["transmit"]) +
                           "}\n" + sounder.section("aprs", ["ax25.N0CALL-10"], f"carrier = none txdelay_s = 1.2 {extra}"))
        self.tower.start(sounder.environment, self.read_end)
        wait_until(lambda: self.tower.log().count("is up"), 20, "it is up")
        self.waiting = []

    def transmit(self, life_s=8):
        self.waiting.append(subprocess.Popen(
            [PROGRAM, "command", "transmit", "--key", str(self.key.path), "--site", self.name, "--port", str(self.broker.port), "--wait",
             "30", "--expires", str(life_s), "--channel", "aprs", "--text", LONG], stdout=subprocess.PIPE, text=True))
        return self.waiting[-1]

    def transmit_until_down(self, life_s=15):
        """In the middle of a transmission."""
        sending = self.transmit(life_s)
        wait_until(self.sounder.key.is_down, 20, "the key goes down")
        time.sleep(0.3)
        assert self.sounder.key.is_down()
        return sending

    def goes_up(self, what, seconds=UP_WITHIN_S):
        began = time.monotonic()
        wait_until(lambda: not self.sounder.key.is_down(), seconds, f"the key goes up: {what}")
        print(f"{self.name}, {what}: up after {time.monotonic() - began:.2f} s", flush=True)

    def result(self, sending):
        last = json.loads(sending.communicate(timeout=60)[0].splitlines()[-1])
        return last["transmission"]["result"]

    def close(self):
        for sending in self.waiting:
            sending.kill()
            sending.wait()
        if self.tower.process:
            self.tower.process.send_signal(signal.SIGCONT)
            self.tower.process.kill()
            self.tower.process.wait()
        os.close(self.write_end)
        os.close(self.read_end)


def gateway_killed(site):
    site.transmit_until_down()
    keeper = keeper_of(site.tower.process)
    site.tower.process.kill()
    site.goes_up("gateway killed")
    wait_until(lambda: not pathlib.Path(f"/proc/{keeper}").exists(), 5, "the keeper ends with it")


def gateway_stopped(site):
    sending = site.transmit_until_down()
    site.tower.process.send_signal(signal.SIGSTOP)
    site.goes_up("gateway stopped")
    site.tower.process.send_signal(signal.SIGCONT)
    assert site.result(sending) == "sent"  # said again, whole


def gateway_ended(site):
    site.transmit_until_down()
    assert site.tower.stop() == 0
    site.goes_up("gateway ended")


def keeper_killed(site):
    sending = site.transmit_until_down()
    first = keeper_of(site.tower.process)
    os.kill(first, signal.SIGKILL)
    site.goes_up("keeper killed")
    assert site.result(sending) == "sent"
    assert keeper_of(site.tower.process) not in (None, first)


def keeper_stopped(site):
    sending = site.transmit_until_down()
    first = keeper_of(site.tower.process)
    os.kill(first, signal.SIGSTOP)
    site.goes_up("keeper stopped")
    assert site.result(sending) == "sent"
    assert keeper_of(site.tower.process) not in (None, first)


def key_unplugged(site):
    sending = site.transmit_until_down(2)
    site.sounder.key.unplug()
    assert site.result(sending) == "device_lost"
    time.sleep(0.2)
    assert "is gone" in site.tower.log(), site.tower.log()
    site.sounder.key.plug()
    wait_until(site.sounder.key.seen, 15, "its key is back")
    assert not site.sounder.key.is_down()  # what comes back is up
    assert site.result(site.transmit()) == "sent"


def sound_device_hangs(site):
    site.sounder.hang()
    site.transmit_until_down()
    site.goes_up("sound device hangs", 4)  # a pipe takes some seconds of sound first
    time.sleep(1)
    assert not site.sounder.key.is_down()


def sound_device_missing(site):
    assert site.result(site.transmit(1)) == "device_lost"
    assert site.sounder.key.times_down() == 0


def inhibited(site):
    sending = site.transmit_until_down(2)
    site.inhibit.touch()
    site.goes_up("inhibited", 2)
    assert site.result(sending) == "inhibited"
    times = site.sounder.key.times_down()
    assert site.result(site.transmit(1)) == "inhibited"
    assert site.sounder.key.times_down() == times
    site.inhibit.unlink()
    assert site.result(site.transmit()) == "sent"


def airtime_used_up(site):
    """Of 8 s in an hour three quarters are for messages: of about 2 s each."""
    results = [site.result(site.transmit(20)) for _ in range(4)]
    assert results[0] == "sent" and results[-1] == "airtime" and set(results) == {"sent", "airtime"}, results


def queue_full(site):
    """As many as there is room for go out or end by their time; the rest is refused at once; nothing stays keyed."""
    sendings = [site.transmit(5) for _ in range(20)]
    results = [site.result(s) for s in sendings]
    assert set(results) <= {"sent", "expired", "queue_full"} and "sent" in results and "queue_full" in results, results
    site.goes_up("queue full", 5)


def run(case, folder, hub, signer):
    out = Sounder(folder, "out", missing=case is sound_device_missing, pipe=case is sound_device_hangs)
    silence = folder / f"silence-{case.__name__}"
    place = Site(folder / case.__name__, hub, signer, out,
                 f'inhibit = file inhibit_device = "{silence}" centre_per_hour = 360 unit_per_hour = 360 '
                 f'airtime_s = {8 if case is airtime_used_up else 360}\n')
    place.inhibit = silence
    try:
        case(place)
        place.goes_up("at the end")
    except BaseException:
        print(case.__name__, out.key.changes)
        print(place.tower.log())
        raise
    finally:
        place.close()


CASES = (gateway_killed, gateway_stopped, gateway_ended, keeper_killed, keeper_stopped, key_unplugged, sound_device_hangs,
         sound_device_missing, inhibited, airtime_used_up, queue_full)

with workplace() as folder:
    signer = Key(PROGRAM, folder, "yuma-ana")
    hub = Broker(folder).start()
    try:
        # They mostly wait: three at a time.
        with concurrent.futures.ThreadPoolExecutor(3) as pool:
            for done in [pool.submit(run, case, folder, hub, signer) for case in CASES]:
                done.result()
    finally:
        hub.kill()
