# SPDX-License-Identifier: Apache-2.0
"""A whole gateway with a real gpsd: away, 2D, no fix, a jump, frozen, silent, killed and back: health on MQTT says what
is true each time, the clock's source follows, and receiving goes on."""
import sys
import time

from gpsd import Feed, Gpsd, find_gpsd
from tower import at_work, encode, position, text, wait_until, workplace

HERE, FAR = (31.4873, -111.5443), (31.5873, -111.5443)  # 11 km
WANDER_DEG = 0.00001  # 1 m: a living receiver is never still

if not find_gpsd():
    print("skipped: no gpsd")
    sys.exit(77)


class Scenes:
    def __init__(self, subscriber, tower):
        self.subscriber, self.tower = subscriber, tower

    def expect(self, what, gpsd, fix, place=None, current=True, clock_by_gps=False, seconds=20):
        """The health that comes from now on says so, and within 5 s more a burst is heard."""
        began = time.time()

        def says_so():
            for when, topic, _, health in reversed(self.subscriber.poll()):
                if topic.endswith("/health") and when > began:
                    return (health["gpsd"], health["fix"]) == (gpsd, fix) and self.is_there(health, place)
            return False

        wait_until(says_so, seconds, what)
        health = self.subscriber.documents("health")[-1]
        print(f"{what}: after {time.time() - began:.1f} s", health["gpsd"], health["fix"], health.get("position"),
              health["clock"], flush=True)
        self.check_place(health, place, current)
        assert (health["clock"]["source"] == "gps") == clock_by_gps, health
        assert health["time_source"] == health["clock"]["source"], health
        assert clock_by_gps or health["clock"]["source"] in ("ntp", "rtc", "none"), health
        assert health["well"] is (gpsd == "ok"), health
        assert [fault["kind"] for fault in health["faults"]] == ([] if gpsd == "ok" else ["gps"]), health
        heard = len(self.subscriber.documents("rx"))
        rx = self.subscriber.wait_for("rx", heard + 2, 6)[-1]
        assert (rx["time_source"] == "gps") == clock_by_gps, rx
        return health

    @staticmethod
    def is_there(health, place):
        """A jump is believed only when it is insisted on: until then the old place is shown."""
        where = health.get("position")
        if not place or not where:
            return not place and not where
        return abs(where["lat_deg"] - place[0]) < 0.001 and abs(where["lon_deg"] - place[1]) < 0.001

    @staticmethod
    def check_place(health, place, current):
        if not place:
            return
        where = health["position"]
        assert where["origin"] == ("site" if current else "last-known"), health
        assert where["age_s"] < 2.5 if current else where["age_s"] >= 0, health


def play(scenes, gpsd, feed):
    scenes.expect("gpsd is not there yet", "away", "none")
    gpsd.start()
    feed.place = (*HERE, 3, WANDER_DEG)
    ok = scenes.expect("a fix", "ok", "3d", HERE, clock_by_gps=True)
    assert ok["satellites_used"] == 9 and ok["clock"]["error_ms"] > 0, ok
    feed.place = (*HERE, 2, WANDER_DEG)
    flat = scenes.expect("two dimensions", "ok", "2d", HERE, clock_by_gps=True)
    assert "alt_m" not in flat["position"] or flat["position"]["alt_m"] == ok["position"]["alt_m"], flat
    feed.place = (*HERE, 1, WANDER_DEG)
    scenes.expect("no fix", "no-fix", "none", HERE, current=False)
    feed.place = (*HERE, 3, 0.0)
    scenes.expect("a fix again", "ok", "3d", HERE, clock_by_gps=True)
    scenes.expect("frozen", "frozen", "3d", HERE, current=False, clock_by_gps=True, seconds=30)
    feed.place = (*HERE, 3, WANDER_DEG)
    scenes.expect("thawed", "ok", "3d", HERE, clock_by_gps=True)
    gpsd.stop()
    scenes.expect("gpsd killed", "away", "none", HERE, current=False)
    gpsd.start()
    scenes.expect("gpsd restarted", "ok", "3d", HERE, clock_by_gps=True, seconds=30)
    feed.place = None
    scenes.expect("the receiver falls silent", "stale", "none", HERE, current=False)
    feed.place = (*FAR, 3, WANDER_DEG)
    leap = scenes.expect("a jump, insisted on", "jumped", "3d", FAR, clock_by_gps=True, seconds=30)
    assert 10000 < leap["moved_m"] < 12500, leap


with workplace() as folder:
    tape = folder / "tape.wav"
    encode(tape, [position(n) if n % 2 else text(n) for n in range(4)], "--gap", "0.3")
    gpsd = Gpsd()
    extra = (f'gpsd {{ port = {gpsd.port} frozen_after_s = 10 stale_after_s = 3 jump_m = 500 }}\n'
             f'source "tape" {{ type = file path = "{tape}" pace = true loop = true\n'
             ' channel "aprs" { protocols = {"ax25"} }\n}\n')
    with at_work(folder, extra, ends=[gpsd.close]) as (subscriber, tower):
        try:
            play(Scenes(subscriber, tower), gpsd, Feed(gpsd))
        except BaseException:
            print("last health:", subscriber.documents("health")[-1:])
            raise
        lost = subscriber.documents("health")[-1]["counters"]["handover_dropped"]
        assert lost == 0, f"{lost} receptions dropped"
        assert tower.stop() == 0
