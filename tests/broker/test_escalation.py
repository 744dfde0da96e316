# SPDX-License-Identifier: Apache-2.0
"""A distress finds somebody: past a dead broker, past one where nobody listens, to the next centre when the first is silent,
to a siren when no person answers, until one does. Filters hold what a centre is not to know. Real brokers, two of them alive."""
import json
import subprocess
import time

import schema
from centre import Key
from tower import EMERGENCY, PROGRAM, Broker, Subscriber, Tower, encode, free_port, position, wait_until, workplace

DRILL = "N0CALL-1>APZATL:>SOS drill"


def make_brokers(folder):
    made = []
    for name in ("spare", "ajo"):
        (folder / name).mkdir()
        made.append(Broker(folder / name).start())
    return made


def sections(dead, spare, ajo):
    return {"dead": f"port = {dead}\nretry_max_s = 1", "spare": f"port = {spare.port}", "ajo": f"port = {ajo.port}"}


def centre(name, body, *signers):
    return f'centre "{name}" {{\n{body}\n{"".join(signers)}}}\n'


def listen(broker):
    return Subscriber(broker, "-T", "atalaya/v1/site/+/command/#")


def ask(key, broker, subscriber, name, arguments):
    known = len(subscriber.documents("response"))
    broker.publish(f"atalaya/v1/site/test/command/{name}", key.command("test", name, arguments))
    answer = subscriber.wait_for("response", known + 1)[known]
    assert answer["accepted"], answer


def real(subscriber):
    return [d for d in subscriber.documents("distress") if not d["test"]]


def silence_escalates(folder):
    spare, ajo = make_brokers(folder)
    at_spare, at_ajo = listen(spare), listen(ajo)
    siren = folder / "siren"
    siren.write_text(f'#!/bin/sh\necho "$ATALAYA_DISTRESS $ATALAYA_UNIT $ATALAYA_LEVEL" >>"{folder}/sounded"\n', encoding="utf-8")
    siren.chmod(0o755)
    sounded = folder / "sounded"
    yuma_key, ajo_key = Key(PROGRAM, folder, "yuma-1"), Key(PROGRAM, folder, "ajo-1")
    times = "deliver_s = 1\nreceive_s = 2\nacknowledge_s = 5\n"
    extra = (centre("yuma", times + 'brokers = {"dead", "spare"}', yuma_key.section(["acknowledge", "clear"])) +
             centre("ajo", times + 'priority = 2\nbrokers = {"ajo"}\nkinds = {"distress"}\ntests = never',
                    ajo_key.section(["received"])) +
             f'distress {{ alarm_command = "{siren}" }}\n')
    encode(folder / "tape.wav", [position(1), DRILL, EMERGENCY])
    tower = Tower(folder, folder / "tape.wav", sections(free_port(), spare, ajo), extra=extra)
    # The second centre's system, which says `received` by itself.
    watch = subprocess.Popen([PROGRAM, "watch", "--port", str(ajo.port), "--receive", str(ajo_key.path)], text=True,
                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    tower.start()
    try:
        wait_until(lambda: real(at_spare), 10, "the call past the dead broker")
        distress = real(at_spare)[0]["distress"]
        assert not real(at_ajo), "the second centre was told before its turn"
        wait_until(lambda: real(at_ajo), 10, "the second centre")
        document = real(at_ajo)[0]
        schema.validator("distress").validate(document)
        assert document["escalation"] == {"level": 1, "told": ["yuma", "ajo"]}, document["escalation"]
        wait_until(lambda: real(at_ajo)[-1]["state"] == "received", 10, "received by itself")
        assert real(at_ajo)[-1]["history"][-1]["by"] == "ajo" and len(at_ajo.documents("response")) == 1
        # A machine has it, no person: the siren, and again, until somebody acknowledges.
        wait_until(lambda: sounded.exists() and len(sounded.read_text().splitlines()) >= 2, 20, "the siren, twice")
        assert sounded.read_text().startswith(f"{distress} ax25.N0CALL-7 "), sounded.read_text()
        ask(yuma_key, spare, at_spare, "acknowledge", {"distress": distress, "person": "Ana Ruiz"})
        rings = len(sounded.read_text().splitlines())
        time.sleep(6)
        assert len(sounded.read_text().splitlines()) == rings, "it rings on"
        ask(yuma_key, spare, at_spare, "clear", {"distress": distress, "person": "Ana Ruiz", "outcome": "cleared"})
        for subscriber in (at_spare, at_ajo):
            wait_until(lambda s=subscriber: real(s)[-1]["state"] == "cleared", 10, "the end at both")
        states = [step["state"] for step in real(at_ajo)[-1]["history"]]
        assert states == ["raised", "delivered", "received", "acknowledged", "cleared"], states
        watch.terminate()
        lines = [line for line in watch.communicate(timeout=10)[0].splitlines() if "DISTRESS" in line]
        assert "delivered by spare  UNANSWERED, CALL 2" in lines[0], lines
        assert any("received by ajo" in line for line in lines), lines
        assert "acknowledged by Ana Ruiz (yuma)" in lines[-2] and "cleared by Ana Ruiz (yuma)" in lines[-1], lines
        # What ajo is not to know: drills, and anything but distress. The drill rang no siren.
        assert not [d for d in at_ajo.documents("distress") if d["test"]]
        kinds = {topic.split("/")[2] for _, topic, _, _ in at_ajo.poll() if topic.startswith("site/")}
        assert kinds <= {"distress", "call", "status", "info", "health", "response", "stats", "echo"}, kinds
        assert not any(call["test"] for call in at_ajo.documents("call"))
        assert at_spare.documents("position") and [d for d in at_spare.documents("distress") if d["test"]]
        assert all(line.startswith(distress) for line in sounded.read_text().splitlines())
    finally:
        watch.kill()
        tower.stop()
        print(tower.log())
        for end in (at_spare, at_ajo):
            end.stop()
        for broker in (spare, ajo):
            broker.kill()


def nobody_listens(folder):
    """PUBACK 0x10 of the one broker of the first centre: the second is told long before receive_s."""
    spare, ajo = make_brokers(folder)
    at_ajo = listen(ajo)
    extra = (centre("yuma", 'deliver_s = 1\nreceive_s = 3600\nbrokers = {"spare"}') +
             centre("ajo", 'deliver_s = 1\npriority = 2\nbrokers = {"ajo"}'))
    encode(folder / "tape.wav", [EMERGENCY])
    tower = Tower(folder, folder / "tape.wav", sections(free_port(), spare, ajo), extra=extra).start()
    try:
        wait_until(lambda: any(d["state"] == "delivered" for d in real(at_ajo)), 20, "delivered at last")
        document = real(at_ajo)[-1]
        assert [(step["state"], step["by"]) for step in document["history"]] == [("raised", "ax25.N0CALL-7"), ("delivered", "ajo")]
        assert document["escalation"]["level"] == 1, document["escalation"]
        assert "broker spare took it, but nobody listens there" in tower.log()
    finally:
        tower.stop()
        print(tower.log())
        at_ajo.stop()
        for broker in (spare, ajo):
            broker.kill()


for scene in (silence_escalates, nobody_listens):
    with workplace() as place:
        scene(place)
