# SPDX-License-Identifier: Apache-2.0
"""From raised to cleared by signed commands, and every wrong command refused with its reason, through a real mosquitto and
across a restart. The centre here signs with OpenSSL, by the definition and not by our code."""
import copy
import json
import os
import pty
import subprocess

import schema
from centre import Key
from tower import EMERGENCY, PROGRAM, Broker, Subscriber, Tower, encode, ending, wait_until, workplace

SITE = "test"


def publish(broker, name, payload, *options):
    broker.publish(f"atalaya/v1/site/{SITE}/command/{name}", payload, *options)


class Dispatcher:
    def __init__(self, broker, subscriber):
        self.broker, self.subscriber = broker, subscriber

    def ask(self, name, payload, *options):
        """Sends it; returns the answer."""
        known = len(self.subscriber.documents("response"))
        publish(self.broker, name, payload, *options)
        answer = self.subscriber.wait_for("response", known + 1)[known]
        schema.validator("response").validate(answer)
        return answer

    def refused(self, reason, name, payload, *options):
        answer = self.ask(name, payload, *options)
        assert (answer["accepted"], answer.get("reason")) == (False, reason), (reason, answer)

    def obeyed(self, name, payload):
        answer = self.ask(name, payload)
        assert answer["accepted"] and answer["command_id"] == payload["id"], answer
        return answer


def wrong_commands(dispatcher, yuma, ajo, stranger, distress):
    """What each is refused for; nothing of it changes the distress."""
    acknowledge = {"distress": distress, "person": "Ana Ruiz"}

    def signed(key, **more):
        return key.command(SITE, "acknowledge", acknowledge, **more)

    dispatcher.refused("retained", "acknowledge", signed(yuma), "-r")
    dispatcher.refused("retained", "acknowledge", b"", "-r")  # which takes it away
    dispatcher.refused("expired", "acknowledge", signed(yuma, after=-120.0))
    dispatcher.refused("clock_skew", "acknowledge", signed(yuma, after=600.0))
    dispatcher.refused("unknown_key", "acknowledge", signed(stranger))
    bold = signed(stranger)
    bold["signature"]["key"] = yuma.name
    dispatcher.refused("bad_signature", "acknowledge", bold)
    dispatcher.refused("out_of_scope", "acknowledge", signed(ajo))
    unsigned = signed(yuma)
    del unsigned["signature"]
    dispatcher.refused("unsigned", "acknowledge", unsigned)
    for member, value in [("id", "other"), ("arguments", {"distress": distress, "person": "Mallory"}), ("test", True)]:
        changed = dict(copy.deepcopy(signed(yuma)), **{member: value})
        dispatcher.refused("bad_signature", "acknowledge", changed)
    dispatcher.refused("bad_signature", "clear", dict(signed(yuma), arguments=dict(acknowledge, outcome="cleared")))
    for nonsense in [b"", b"{", b"[]", b"null", b"\xff\xfe\x00", b"{}", b"[" * 4000, json.dumps(signed(yuma)).encode()[:-1]]:
        dispatcher.refused("malformed", "acknowledge", nonsense)
    dispatcher.refused("unknown_command", "reboot", signed(yuma))
    dispatcher.refused("oversized", "acknowledge", b'{"v":1,"text":"' + b"x" * 100_000 + b'"}')
    # What could fill a tower's memory its broker keeps back: what is sent after it is answered, and nothing else.
    publish(dispatcher.broker, "acknowledge", b"x" * 10_000_000)
    dispatcher.refused("unknown_distress", "received", yuma.command(SITE, "received", {"distress": "test-9-9"}))
    dispatcher.refused("unavailable", "message", yuma.command(SITE, "message", {"unit": "patrol-7", "text": "¿dónde?"}))
    assert dispatcher.subscriber.documents("distress")[-1]["state"] in ("raised", "delivered")


def dispatch(arguments, broker):
    return subprocess.run([PROGRAM, "command", *arguments, "--site", SITE, "--port", str(broker.port)], capture_output=True,
                          text=True, timeout=60)


with workplace() as folder:
    encode(folder / "tape.wav", [EMERGENCY])
    broker = Broker(folder).start()
    yuma, ajo, stranger = (Key(PROGRAM, folder, name) for name in ("yuma-1", "ajo-1", "stranger"))
    assert os.stat(yuma.path).st_mode & 0o777 == 0o600
    centres = ('centre "yuma" {\n' + yuma.section(["received", "acknowledge", "clear", "ping", "reload", "message"]) +
               '}\ncentre "ajo" {\n' + ajo.section(["received"]) + "}\n")
    tower = Tower(folder, folder / "tape.wav", {"hq": f"port = {broker.port}"}, extra=centres).start()
    subscriber = Subscriber(broker, "-T", "atalaya/v1/site/+/command/#")
    dispatcher = Dispatcher(broker, subscriber)
    with ending(tower.kill, subscriber.stop, broker.kill):
        distress = subscriber.wait_for("distress", 2)[0]["distress"]
        wrong_commands(dispatcher, yuma, ajo, stranger, distress)

        received = ajo.command(SITE, "received", {"distress": distress}, life=3600.0)
        dispatcher.obeyed("received", received)
        dispatcher.refused("replayed", "received", received)

        # What came before a restart is known after it, and so is the distress.
        tower.stop()
        tower.start()
        subscriber.wait_for("status", len(subscriber.documents("status")) + 1)
        dispatcher.refused("replayed", "received", received)

        # A person at a shell, with a name that is not ASCII.
        told = dispatch(["acknowledge", "--key", str(yuma.path), "--distress", distress, "--person", "Íñigo \"Ana\" Ruiz"], broker)
        assert told.returncode == 0 and json.loads(told.stdout)["accepted"], told
        told = dispatch(["acknowledge", "--key", str(ajo.path), "--distress", distress, "--person", "Luis"], broker)
        assert told.returncode == 1 and json.loads(told.stdout)["reason"] == "out_of_scope", told
        # On a terminal a sentence; that nobody there can tell the crew is in it.
        keeper, terminal = pty.openpty()
        again = ["acknowledge", "--key", str(yuma.path), "--distress", distress, "--person", "Íñigo \"Ana\" Ruiz", "--site", SITE]
        run = subprocess.run([PROGRAM, "command", *again, "--port", str(broker.port)], stdout=terminal, stderr=terminal, timeout=60,
                             check=False)
        said = os.read(keeper, 4096).decode()
        assert run.returncode == 0 and said == ("test: accepted: known already: the distress is acknowledged; no radio of this site "
                                                "can tell the caller\r\n"), said
        told = dispatch(["ping", "--key", str(yuma.path), "--prefix", "elsewhere", "--wait", "1"], broker)
        assert told.returncode == 3 and "no site" in told.stderr and not told.stdout, told
        assert dispatch(["acknowledge", "--key", str(yuma.path)], broker).returncode == 2

        # The same person's command as OpenSSL signs it; the text survives both writings.
        clear = {"distress": distress, "person": "Íñigo \"Ana\" Ruiz", "outcome": "false_alarm"}
        dispatcher.obeyed("clear", yuma.command(SITE, "clear", clear))
        dispatcher.refused("not_possible", "clear", yuma.command(SITE, "clear", clear))
        dispatcher.obeyed("ping", yuma.command(SITE, "ping"))
        dispatcher.obeyed("reload", yuma.command(SITE, "reload"))

        # Since the restart: replayed, out of scope, not possible. What was obeyed is not among them.
        wait_until(lambda: subscriber.documents("health")[-1]["links"][0]["refused_commands"] == 3, 20, "refusals in health")
        wait_until(lambda: subscriber.documents("distress")[-1]["state"] == "false_alarm", 10, "the end")
        last = subscriber.documents("distress")[-1]
        schema.validator("distress").validate(last)
        steps = [(step["state"], step["by"]) for step in last["history"]]
        assert steps == [("raised", "ax25.N0CALL-7"), ("delivered", "hq"), ("received", "ajo"),
                         ("acknowledged", "Íñigo \"Ana\" Ruiz (yuma)"), ("false_alarm", "Íñigo \"Ana\" Ruiz (yuma)")], steps
        # Enough to join what two sites say of one call, and to see which of them heard it better; kept across the restart.
        heard = [d for d in subscriber.documents("rx") if d.get("distress")][0]
        assert all(last[key] == heard[key] for key in ("dedupe", "channel", "frequency_hz", "snr_db", "rssi_dbfs")), last

        # The audit log tells the same story, beside the running gateway, and its last line is the one the centre was told.
        def incident(*arguments):
            return subprocess.run([PROGRAM, "incident", "--path", str(tower.spool), *arguments], capture_output=True, text=True,
                                  timeout=30)

        whole = incident("--verify")
        assert whole.returncode == 0 and whole.stdout == "whole: 5 lines, 0 faults\n", whole
        lines = [json.loads(line) for line in incident("--json", distress).stdout.splitlines()]
        assert [(line["event"], line["by"]) for line in lines] == steps, lines
        assert lines[-1]["hash"] == last["audit"]["hash"] and lines[-1]["n"] == last["audit"]["n"], last["audit"]
        assert "key yuma-1" in lines[-1]["detail"] and lines[0]["detail"] == "ax25.N0CALL-7; ax25: emergency", lines
        assert distress in incident().stdout and "Ruiz (yuma)" in incident(distress).stdout
        assert incident("nowhere-1-1").returncode == 1
        # By the name that `atalaya watch` shows, too.
        assert incident(last["incident"][:8]).stdout == incident(last["incident"]).stdout == incident(distress).stdout
        assert last["incident"] in incident().stdout and incident("").returncode == 1
        log = tower.spool.with_name("spool.db.audit")
        text = log.read_text()
        for wrong, words in [(text.replace("by\":\"ajo", "by\":\"aji"), "line 3 of the audit log: it has been edited"),
                             ("".join(text.splitlines(True)[:2] + text.splitlines(True)[3:]), "lines 3 to 3 are missing"),
                             ("".join(text.splitlines(True)[:-1]), "the end is cut off")]:
            log.write_text(wrong)
            told = incident("--verify")
            assert told.returncode == 1 and words in told.stderr and "NOT WHOLE" in told.stdout, told
        log.write_text(text)
        assert "private" not in tower.log()
        assert tower.stop() == 0, tower.log()
