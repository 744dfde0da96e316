# SPDX-License-Identifier: Apache-2.0
"""A site under nemeses (nemeses.py): a gateway with two brokers, a subscriber at each, a TNC, a radio's sound and gpsd, and somebody who
talks all the time. The way to broker hq goes through a proxy, and by a name; eye watches undisturbed. Everything goes into a history
(history.py), which is judged at the end."""
import fcntl
import json
import os
import pathlib
import pickle
import random
import signal
import subprocess
import threading
import time

from faults import Faults
from gpsd import Feed, Gpsd, find_gpsd
from history import History
from kiss import frame as kiss
from nemeses import KEEPALIVE_S, GpsdGone
from proxy import Proxy
from pseudo_terminal import PluggedPort
from tower import Broker, Subscriber, Tower, encode, wait_until

RATE_HZ = 9600
BLOCK = RATE_HZ // 10
KEPT = ("history", "number", "calls", "calling", "dropped_before", "power_cut")
OPEN_STATES = ("raised", "delivered", "received", "acknowledged", "radio_acked")
CALLING = 5  # who called before the last ones takes it back, as at a site where calls end: a call that is open takes memory
PIPE_S = 3.0  # a machine with much to do stands still for a second now and then: that is not what is tried here


class Tnc(PluggedPort):
    def plug(self):
        super().plug()
        os.set_blocking(self.end, False)

    def say(self, call, words):
        """As radio does: who does not listen has missed it."""
        end = self.end
        if end is not None:
            try:
                os.write(end, kiss(call, words))
            except OSError:
                pass


class Sound:
    """Standard input of the gateway: silence in real time, and what is said. It does not wait for who does not listen: refused(from, to)
    is told what was lost so."""

    def __init__(self, path, refused):
        self.path, self.refused = path, refused
        self.read_end, self.write_end = os.pipe()
        fcntl.fcntl(self.write_end, fcntl.F_SETPIPE_SZ, int(PIPE_S * 2 * RATE_HZ) // 4096 * 4096)
        os.set_blocking(self.write_end, False)
        self.waiting, self.lock, self.over = [], threading.Lock(), False
        threading.Thread(target=self._feed, daemon=True).start()

    def _feed(self):
        due = time.monotonic()
        while not self.over:
            with self.lock:
                data = self.waiting.pop(0) if self.waiting else bytes(2 * BLOCK)
            try:
                os.write(self.write_end, data)
            except OSError:
                if any(data):
                    self.refused(time.time() - BLOCK / RATE_HZ, time.time())
            # Who comes late goes on from now: several blocks at once would fill the pipe.
            due = max(due + BLOCK / RATE_HZ, time.monotonic() - BLOCK / RATE_HZ)
            time.sleep(max(0.0, due - time.monotonic()))

    def say(self, line):
        """Returns in how many seconds it is over, and how long it takes then at most."""
        encode(self.path, [line], "--rate", str(RATE_HZ), "--gap", "0.1")
        out = self.path.read_bytes()[44:]  # behind the header
        blocks = [out[i:i + 2 * BLOCK].ljust(2 * BLOCK, b"\0") for i in range(0, len(out), 2 * BLOCK)]
        with self.lock:
            self.waiting += blocks
            # What fits in the pipe may lie there for a while before somebody hears it.
            return len(self.waiting) * BLOCK / RATE_HZ, len(blocks) * BLOCK / RATE_HZ + PIPE_S


one_at_a_time = threading.Lock()  # a free port is free until somebody else looks for one


class FaultRig:
    """spool: more keys of that section. rate_s: bursts a second; sound_every: of how many bursts one comes as sound."""

    def __init__(self, folder, seed, spool="", rate_s=4.0, sound_every=6, distress_every=25, gpsd=True):
        self.folder, self.random, self.history = pathlib.Path(folder), random.Random(seed), History()
        self.rate_s, self.sound_every, self.distress_every = rate_s, sound_every, distress_every
        self.lock, self.over, self.number, self.calls = threading.RLock(), False, 0, 0
        self.calling = {}  # of each incident that is open, who calls, as eye has it
        self.dropped_before, self.log_read, self.trouble_of = {}, 0, {}
        self._take_up()
        self.faults = Faults(self.folder / "spool.db")
        self.brokers, self.subscribers, self.told = {}, {}, {"hq": 0, "eye": 0}
        with one_at_a_time:
            self._start_others(gpsd)
        if self.gpsd:
            Feed(self.gpsd, 0.5).place = (31.49, -111.52, 3, 1e-5)
        self.tnc, self.sound = Tnc(self.folder / "tnc"), Sound(self.folder / "said.wav", self._note_refused)
        self.tnc.plug()
        retry = f"keepalive_s = {KEEPALIVE_S}\nretry_min_s = 0.2\nretry_max_s = 1"
        self.tower = Tower(
            self.folder, None, {"hq": f"port = {self.proxy.port}\n{retry}", "eye": f"port = {self.brokers['eye'].port}\n{retry}"},
            extra=f'source "tnc" {{ type = kiss device = "{self.tnc.path}" }}\n'
                  f'source "radio" {{ type = stdin rate_hz = {RATE_HZ} channel "aprs" {{ protocols = {{"ax25"}} frequency_hz = 144390000 }} }}\n'
                  f'spool {{ path = "{self.folder / "spool.db"}" batch_s = 0.2 {spool} }}\n'
                  'code "over" { match = {"ax25.status=all over*"} distress = cancel }\n'
                  + (f"gpsd {{ port = {self.gpsd.port} stale_after_s = 2 }}\n" if self.gpsd else ""))
        # Names below .test are found by the fault library.
        text = self.tower.config.read_text()
        self.tower.config.write_text(text.replace('broker "hq" {\n host = "127.0.0.1"', 'broker "hq" {\n host = "hq.test"'))
        self.start_gateway()
        if self.power_cut:
            self.power_cut.end = time.time()
        for work in (self._talk, self._watch):
            threading.Thread(target=work, daemon=True).start()

    def _start_others(self, gpsd):
        for name in ("hq", "eye"):
            (self.folder / name).mkdir(exist_ok=True)
            (self.folder / name).chmod(0o777)
            self.brokers[name] = Broker(self.folder / name)
            if name == "hq":
                self.configure_broker()
            self.brokers[name].start()
            self.subscribers[name] = Subscriber(self.brokers[name])
        self.proxy = Proxy(self.brokers["hq"].port).open()
        self.gpsd = Gpsd().start() if gpsd and find_gpsd() else None

    # ---- a site that outlasts who tries it

    def cut_power(self):
        """Everything at once, under way. A rig that is made of this folder later goes on with this site and this history."""
        with self.lock:
            self.power_cut = self.history.trouble("PowerCut", time.time())
            self.kill_gateway()
            for broker in self.brokers.values():
                broker.kill()
            time.sleep(0.2)
            self._pump()
            self.over = True
            with open(self.folder / "history", "wb") as file:
                pickle.dump({name: getattr(self, name) for name in KEPT}, file)

    def _take_up(self):
        self.power_cut = None
        if (self.folder / "history").exists():
            with open(self.folder / "history", "rb") as file:
                self.__dict__.update(pickle.load(file))
            self.log_read = (self.folder / "gateway.log").stat().st_size

    # ---- what nemeses do

    def configure_broker(self):
        broker = self.brokers["hq"]
        text = broker.config.read_text().replace("persistence false", "persistence true\n"
                                                 f"persistence_location {broker.folder}/")
        broker.config.write_text(text + "max_inflight_messages 0\n" + ("user root\n" if os.geteuid() == 0 else ""))

    def start_gateway(self):
        with self.lock:
            self.tower.start(self.faults.environment, stdin=self.sound.read_end)
            wait_until(self._is_up, 30, "the gateway is up")
            self.history.up(time.time())

    def _is_up(self):
        assert self.tower.process.poll() is None, "the gateway ended: " + self.tower.log()[-3000:]
        with open(self.tower.log_path, "rb") as log:
            log.seek(self.log_read)
            news = log.read()
        if b" is up: " not in news:
            return False
        self.log_read += len(news)
        return True

    def kill_gateway(self):
        with self.lock:
            if self.tower.process:
                self.history.down(time.time() - 0.1)  # a burst in its pipe may be said to have been before
                self.tower.stop(signal.SIGKILL)

    def kill_broker(self, forgets):
        with self.lock:
            if not forgets:
                self.brokers["hq"].process.send_signal(signal.SIGUSR1)  # it saves
                time.sleep(0.3)
            # What it acknowledged it has written to the subscriber's socket: that is read to its end.
            self.brokers["hq"].kill()
            time.sleep(0.2)
            self._pump()
            self.subscribers["hq"].stop()
            if forgets:
                (self.brokers["hq"].folder / "mosquitto.db").unlink(missing_ok=True)

    def start_broker(self):
        """The subscriber is there before the gateway can be."""
        with self.lock:
            self.brokers["hq"].start()
            self.subscribers["hq"], self.told["hq"] = Subscriber(self.brokers["hq"]), 0

    # ---- what goes on all the time

    def say(self, kind=None):
        """One burst: kind position, message, distress or its end, by TNC or as sound."""
        with self.lock:
            self.number += 1
            number, by_sound = self.number, self.sound_every and self.number % self.sound_every == 0
            kind = kind or ("distress" if number % self.distress_every == 0 else self.random.choice(("position", "message")))
            if kind != "distress" and number % self.distress_every % 10 == 5 and len(self.calling) > CALLING:
                kind, unit = "end", self.calling.pop(next(iter(self.calling))).removeprefix("ax25.")
            elif kind == "distress":
                self.calls += self.random.random() < 0.6 or self.calls == 0  # else the last one calls again
                unit = f"N{self.calls // 260 % 10}{chr(65 + self.calls // 10 % 26)}CAL-{self.calls % 10 + 1}"
            else:
                unit = f"N0CALL-{number % 3 + 1}"
        words = {"position": f"!3129.{number % 100:02d}N/11132.{number // 100 % 100:02d}W[number {number};",
                 "message": f":DISPATCH :number {number};", "distress": f">SOS number {number};", "end": f">all over number {number};"}[kind]
        now = time.time()
        if by_sound:
            over_s, lasts_s = self.sound.say(f"{unit}>APZATL:{words}")
            self.history.played(now + over_s, number, kind, f"ax25.{unit}", lasts_s)
        else:
            self.history.played(now, number, kind, f"ax25.{unit}")
            self.tnc.say(unit, words)

    def _talk(self):
        while not self.over:
            if self.rate_s:
                self.say()
            time.sleep(self.random.expovariate(self.rate_s) if self.rate_s else 0.1)

    def _pump(self):
        for name, subscriber in self.subscribers.items():
            seen = subscriber.poll()
            for at, topic, retained, document in seen[self.told[name]:]:
                self.history.arrived(name, at, topic, retained, document)
                if name == "eye" and document and topic.endswith("/health"):
                    self._note_dropped(document)
                if name == "eye" and document and "/distress/" in topic:
                    self._note_call(document)
            self.told[name] = len(seen)

    def _note_refused(self, begin, end):
        refused = self.history.refused
        if refused and refused[-1][1] >= begin - BLOCK / RATE_HZ:
            begin = refused.pop()[0]
        refused.append((begin, end))

    def _note_dropped(self, health):
        for kind, count in health["spool"]["dropped"].items():
            base, last = self.dropped_before.get(kind, (0, 0))
            if count < last:
                base += last  # another spool
            self.dropped_before[kind] = (base, count)
            self.history.dropped[kind] = base + count

    def _note_call(self, document):
        if document["state"] in OPEN_STATES:
            self.calling.setdefault(document["distress"], document["unit"])
        else:
            self.calling.pop(document["distress"], None)

    def look(self):
        """Takes up what has arrived and what waits."""
        with self.lock:
            self._pump()
            try:
                self.history.spooled(time.time(), self.tower.waiting())
            except (subprocess.CalledProcessError, json.JSONDecodeError):
                pass  # there is none just now, or it is damaged

    def _watch(self):
        while not self.over:
            self.look()
            time.sleep(0.4)

    # ---- what a test does

    def act(self, steps, pause_s=1.0, stretch=1.0):
        """steps: lists of nemeses that are at work together."""
        for step in steps:
            ones = [self.begin(nemesis) for nemesis in step if self.can(nemesis)]
            time.sleep(stretch * max((one.hold_s for one in ones), default=0))
            for one in reversed(ones):
                self.end(one)
            time.sleep(pause_s)

    def begin(self, nemesis):
        """Returns the nemesis at work."""
        one = nemesis(self)
        print(f"{time.strftime('%H:%M:%S')} {one.name}", flush=True)
        self.trouble_of[one] = self.history.trouble(one.name, time.time(), one.takes, one.shows, one.shows_after_s, one.seen_at,
                                                    one.holds_up)
        one.begin()
        return one

    def end(self, one):
        trouble = self.trouble_of.pop(one)
        trouble.shows_until = time.time()
        one.end()
        trouble.end = time.time()

    def can(self, nemesis):
        return nemesis is not GpsdGone or self.gpsd is not None

    def health(self):
        """The newest, as eye has it."""
        with self.lock:
            self._pump()
            documents = self.history.documents("eye", "health")
        return documents[-1][3] if documents else None

    def settle(self, seconds=60):
        """Silence until all is delivered."""
        self.rate_s = 0
        wait_until(lambda: not self.sound.waiting, seconds, "the sound is over")
        time.sleep(1.5)
        wait_until(lambda: all(link["state"] == "up" for link in self.health()["links"]), seconds, "both links are up")
        wait_until(lambda: self.tower.waiting() == [], seconds, "an empty spool")
        # A spool that was set aside is told for as long as this run lasts.
        wait_until(lambda: self.health()["well"] or self.health()["spool"]["damaged"], seconds, "health says that all is well")
        time.sleep(0.5)
        self.look()
        lines = [line for audit in self.tower.spool.parent.glob("spool.db.audit*") for line in audit.read_text().splitlines()]
        steps = [json.loads(line) for line in lines]  # some are of the log itself
        self.history.audited = [step["distress"] for step in steps if "distress" in step]

    def judge(self):
        """Settles, ends the gateway and asserts that the history is a good one."""
        self.settle()
        assert self.tower.stop() == 0, "the gateway ended badly"
        self.check()

    def check(self):
        complaints = self.history.complaints()
        got = {who: len(rows) for who, rows in self.history.arrivals.items()}
        print(f"{self.number} bursts, {self.calls} calls for help, {len(self.history.runs)} runs, {len(self.history.troubles)} troubles, "
              f"{len(self.history.items)} seen on disk, {got} arrived, dropped {self.history.dropped}; "
              f"{ {who: sum(self.history.is_sure(n, who) for n in self.history.bursts) for who in got} } bursts had to arrive", flush=True)
        assert not complaints, "\n".join(complaints[:20])

    def close(self):
        self.over = self.sound.over = True
        if self.tower.process:
            self.tower.process.kill()
            self.tower.process.wait()
            self.tower.process = None
        for subscriber in self.subscribers.values():
            subscriber.stop()
        self.proxy.shut()
        for broker in self.brokers.values():
            broker.kill()
        if self.gpsd:
            self.gpsd.close()
        self.tnc.unplug()
        self.faults.close()

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind:
            print(self.tower.log()[-6000:])
        self.close()
