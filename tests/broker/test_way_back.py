# SPDX-License-Identifier: Apache-2.0
"""A broker that goes on taking what the site says and hands nothing more to it: mosquitto 2.0.11 does so for ever after twenty
publications longer than the site takes. The site notices by its own echo, which does not come back, and connects anew: what
a centre said meanwhile is obeyed. Where an access list keeps the echo away the site says so, once, and stays connected."""
import os
import subprocess

from centre import Key
from intruder import Client
from tower import PROGRAM, Broker, Subscriber, Tower, ending, wait_until, workplace

SITE = "atalaya/v1/site/test"
TOO_LONG = '"' + "x" * 150000 + '"'  # gateway/mqtt/client.h: CLIENT_PACKET_MAX
STUCK = "hands nothing back"


def ping(broker, key, wait_s):
    words = [PROGRAM, "command", "ping", "--site", "test", "--key", str(key.path), "--port", str(broker.port), "--wait", str(wait_s)]
    return subprocess.run(words, capture_output=True, text=True, check=False)


def rig(folder, extra_broker="allow_anonymous true\n"):
    broker = Broker(folder, extra_broker).start()
    key = Key(PROGRAM, folder, "ajo-1")
    tower = Tower(folder, None, {"hq": f"port = {broker.port}\nkeepalive_s = 5"},
                  extra='source "radio" { type = stdin rate_hz = 48000 channel "aprs" { protocols = {"ax25"} } }\n'
                        'centre "ajo" {\n' + key.section(["ping"]) + "}\n")
    tower.start(None, os.pipe()[0])
    tower.wait_for_log("is up")
    return broker, key, tower


def link(subscriber):
    health = subscriber.documents("health")
    return health[-1]["links"][0] if health else {}


def a_stuck_queue(folder):
    broker, key, tower = rig(folder)
    subscriber = Subscriber(broker)
    hostile = Client(broker.port, None, "hostile")
    with ending(tower.kill, subscriber.stop, broker.kill):
        assert ping(broker, key, 10).returncode == 0
        wait_until(lambda: "echo_ms" in link(subscriber), 20, "health tells how long the way there and back takes")
        for number in range(25):
            assert hostile.publish(f"{SITE}/command/{number}", TOO_LONG)
        done = ping(broker, key, 60)
        assert done.returncode == 0, (done, tower.log()[-2000:])
        wait_until(lambda: link(subscriber).get("state") == "up" and not link(subscriber).get("error"), 10, "all is well again")
        print("connections:", link(subscriber)["connects"], "stuck:", tower.log().count(STUCK))
        assert tower.stop() == 0


def an_echo_that_is_not_allowed(folder):
    access = folder / "acl"
    access.write_text(f"topic write {SITE}/#\ntopic read {SITE}/command/#\ntopic read {SITE}/response/#\ntopic read {SITE}/health\n"
                      f"topic write {SITE}/command/#\n")
    access.chmod(0o644)
    broker, key, tower = rig(folder, f"allow_anonymous true\nacl_file {access}\n")
    subscriber = Subscriber(broker)
    with ending(tower.kill, subscriber.stop, broker.kill):
        tower.wait_for_log("does not come back", 60)
        assert ping(broker, key, 10).returncode == 0
        assert link(subscriber)["connects"] == 1 and "echo_ms" not in link(subscriber) and STUCK not in tower.log()
        assert tower.stop() == 0


for scene in (a_stuck_queue, an_echo_that_is_not_allowed):
    with workplace() as where:
        scene(where)
    print(scene.__name__)
