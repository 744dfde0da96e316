# SPDX-License-Identifier: Apache-2.0
"""A way to the broker with 0.8 s there and back that is cut off every 2 to 6 seconds: what is said arrives about as soon as it does where
there is time to say it all at once. Nothing is taken for the cause of the cuts, so that nothing is sent one at a time, in part or later."""
import random
import threading
import time

from far_way import FarWay
from fault_rig import Tnc
from tower import Broker, Subscriber, Tower, ending, wait_until, workplace

TEXTS, GENEROUS_S = 30, 30  # one at a time it takes 45 to 60 s, else 6 to 8
generator = random.Random(1)
over = threading.Event()


def texts(subscriber):
    return {document["text"] for document in subscriber.documents("message") if "text" in document}


def cut_off(way):
    while not over.wait(generator.uniform(2, 6)):
        way.cut()


with workplace() as folder:
    broker = Broker(folder).start()
    subscriber, way, tnc = Subscriber(broker), FarWay(broker.port, 0.4), Tnc(folder / "tnc")
    tnc.plug()
    tower = Tower(folder, None, {"hq": f"port = {way.port}\nretry_min_s = 0.2\nretry_max_s = 1"},
                  extra=f'source "tnc" {{ type = kiss device = "{tnc.path}" }}\n')
    with ending(over.set, tower.kill, tnc.unplug, way.close, subscriber.stop, broker.kill):
        tower.start()
        wait_until(lambda: tnc.is_held(tower.process), 20, "the TNC is open")
        threading.Thread(target=cut_off, args=(way,), daemon=True).start()
        time.sleep(15)  # so that there were some cuts
        begun = time.monotonic()
        for number in range(TEXTS):
            tnc.say("N0CALL-1", f":DISPATCH :number {number};")
        tnc.say("N0CALL-7", ">SOS")
        wait_until(lambda: len(texts(subscriber)) == TEXTS and subscriber.documents("distress"), GENEROUS_S, "everything")
        print(f"{time.monotonic() - begun:.1f} s")
        assert not any("left_out" in document for document in subscriber.documents("distress"))
        assert "hangs up as soon as" not in tower.log(), tower.log()
        over.set()
        assert tower.stop() == 0
