# SPDX-License-Identifier: Apache-2.0
"""A broker that retains nothing (mosquitto with retain_available false): a distress arrives there, and who subscribes late learns of what
is open, and how the site is; the day it retains, it is asked to. And one that takes no QoS 1, which could confirm nothing: said, not used."""
import subprocess

import schema
from fault_rig import Tnc
from tower import PROGRAM, Broker, Subscriber, Tower, ending, wait_until, workplace

RETRY = "retry_min_s = 0.2 retry_max_s = 0.5"


def scene(folder, settings, more=""):
    (folder / "hq").mkdir(), (folder / "eye").mkdir()
    hq, eye = Broker(folder / "hq", f"allow_anonymous true\n{settings}\n").start(), Broker(folder / "eye").start()
    tnc = Tnc(folder / "tnc")
    tnc.plug()
    tower = Tower(folder, None, {"hq": f"port = {hq.port} {RETRY} {more}", "eye": f"port = {eye.port}"},
                  extra=f'source "tnc" {{ type = kiss device = "{tnc.path}" }}\n')
    at_eye = Subscriber(eye)
    tower.start()
    wait_until(lambda: tnc.is_held(tower.process), 20, "the TNC is open")
    return tower, tnc, hq, at_eye, [tower.kill, at_eye.stop, hq.kill, eye.kill, tnc.unplug]


def link(at_eye):
    health = at_eye.documents("health")
    schema.check("health", health[-1:])
    return health[-1]["links"][0] if health else {}


def check(tower):
    return subprocess.run([PROGRAM, "check", "--config", str(tower.config)], capture_output=True, text=True, check=False)


def who_comes_late_learns_of_it(folder, settings, more=""):
    tower, tnc, hq, at_eye, ends = scene(folder, settings, more)
    with ending(*ends):
        wait_until(lambda: link(at_eye).get("state") == "up", 20, "the link is up")
        assert link(at_eye)["retains"] is False, link(at_eye)
        tnc.say("N0CALL-7", ">SOS")
        wait_until(lambda: any(d["state"] == "delivered" for d in at_eye.documents("distress")), 20, "delivered")
        late = Subscriber(hq)
        with ending(late.stop):
            assert not [topic for _, topic, retained, _ in late.poll() if retained]
            wait_until(lambda: late.documents("distress") and late.documents("status") and late.documents("info"), 20, "said again")
            assert late.documents("distress")[-1]["distress"] == at_eye.documents("distress")[-1]["distress"]
        hq.kill()
        hq.configure("allow_anonymous true\n")  # retains from now on
        hq.start()
        if not more:
            wait_until(lambda: link(at_eye).get("state") == "up" and "retains" not in link(at_eye), 20, "it is asked to retain")
            wait_until(lambda: retained_state(hq) == "online", 20, "the status is retained")
            tower.kill()  # so is the will
            wait_until(lambda: retained_state(hq) == "offline", 20, "the will is retained")
        else:
            assert tower.stop() == 0


def retained_state(broker):
    late = Subscriber(broker)
    with ending(late.stop):
        found = [document["state"] for _, topic, retained, document in late.poll() if retained and topic.endswith("/status")]
    return found[-1] if found else None


def no_confirmation_is_no_delivery(folder):
    tower, tnc, _, at_eye, ends = scene(folder, "max_qos 0")
    with ending(*ends):
        wait_until(lambda: "takes no QoS 1" in link(at_eye).get("error", ""), 20, "health tells it")
        assert not at_eye.documents("health")[-1]["well"]
        said = check(tower)
        assert said.returncode != 0 and "takes no QoS 1" in said.stdout + said.stderr, said
        tnc.say("N0CALL-7", ">SOS")
        at_eye.wait_for("distress", 1)
        assert tower.stop() == 0
        assert any(item["class"] == "distress" for item in tower.waiting()), "kept for the day that it does"


for play, *arguments in ((who_comes_late_learns_of_it, "retain_available false"),
                         (who_comes_late_learns_of_it, "retain_available false", 'version = "3.1.1" retain = false'),
                         (no_confirmation_is_no_delivery,)):
    with workplace() as where:
        play(where, *arguments)
    print(play.__name__, *arguments)
