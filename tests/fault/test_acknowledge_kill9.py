# SPDX-License-Identifier: Apache-2.0
"""kill -9 before every second write or sync that a person's acknowledgement makes (ATALAYA_KILL_STEP=1: before each), one after the other.
The centre got no answer and sends the same command again, with its id: it is taken down, or has been already, but never refused as a
repeat while nobody has the call."""
import json
import os
import signal

import faults
from centre import Key
from fault_rig import Tnc
from tower import PROGRAM, Broker, Subscriber, Tower, wait_until, workplace

faults.need()
KILLS_MAX, STEP = 80, int(os.environ.get("ATALAYA_KILL_STEP", "2"))
SITE = "test"

with workplace() as folder:
    disk = faults.Faults(folder / "spool.db")
    tnc = Tnc(folder / "tnc")
    tnc.plug()
    broker = Broker(folder).start()
    key = Key(PROGRAM, folder, "yuma-1")
    tower = Tower(folder, None, {"hq": f"port = {broker.port}\nretry_min_s = 0.2\nretry_max_s = 0.5"},
                  extra=f'source "tnc" {{ type = kiss device = "{tnc.path}" }}\nspool {{ path = "{folder / "spool.db"}" batch_s = 60 }}\n'
                        f'centre "yuma" {{\n{key.section(["acknowledge"])}}}\n')
    subscriber = Subscriber(broker)

    def start():
        read = len(tower.log())
        tower.start(disk.environment)
        wait_until(lambda: " is up: " in tower.log()[read:], 20, "the gateway is up")
        wait_until(lambda: tnc.is_held(tower.process), 20, "the TNC is open")

    def state(call):
        documents = [document for document in subscriber.documents("distress") if document["radio"] == f"ax25.{call}"]
        return documents[-1]["state"] if documents else None

    def answers(identity):
        return [answer for answer in subscriber.documents("response") if answer["command_id"] == identity]

    def send(command):
        broker.publish(f"atalaya/v1/site/{SITE}/command/acknowledge", json.dumps(command).encode())

    again = {"accepted": 0, "replayed": 0}
    start()
    try:
        for kill in range(1, KILLS_MAX, STEP):
            call = f"N{kill // 260}{chr(65 + kill // 10 % 26)}ACK-{kill % 10 + 1}"
            if tower.process is None:
                start()
            tnc.say(call, ">SOS")
            wait_until(lambda: state(call) == "delivered", 20, "delivered")
            distress = [document for document in subscriber.documents("distress") if document["radio"] == f"ax25.{call}"][-1]["distress"]
            command = key.command(SITE, "acknowledge", {"distress": distress, "person": "Ana Ruiz"})
            disk.kill_at = kill
            send(command)
            wait_until(lambda: tower.process.poll() is not None or answers(command["id"]), 20, "answered or killed")
            if answers(command["id"]) and tower.process.poll() is None:
                break  # that many it does not take
            assert tower.process.wait(20) == -signal.SIGKILL
            tower.process = None
            disk.clear()
            start()
            send(command)
            wait_until(lambda: answers(command["id"]), 20, "an answer to what is said again")
            for answer in answers(command["id"]):
                assert answer["accepted"] or "the distress is acknowledged" in answer["detail"], (kill, answer)
                again["accepted" if answer["accepted"] else answer["reason"]] += 1
            wait_until(lambda: state(call) == "acknowledged", 20, "a person has it")
        else:
            raise AssertionError("no end of writes")
        disk.clear()
        send(command)
        wait_until(lambda: len(answers(command["id"])) == 2, 20, "an answer to a repeat")
        assert answers(command["id"])[1]["reason"] == "replayed", answers(command["id"])
        print(f"{kill // STEP} kills; said again: {again}")
        assert again["accepted"] >= 5, again
        assert tower.stop() == 0
    except BaseException:
        print(tower.log()[-3000:])
        raise
    finally:
        if tower.process:
            tower.process.kill()
        subscriber.stop()
        broker.kill()
        tnc.unplug()
        disk.close()
