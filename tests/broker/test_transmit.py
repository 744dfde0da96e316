# SPDX-License-Identifier: Apache-2.0
"""Commands `message` and `transmit`: what they say goes out by radio, whole; queued, sent and radio-confirmed are told apart; texts to the
site are acknowledged and count once; and nothing of it happens without a key that may."""
import json
import math
import struct
import subprocess
import time

import schema
from centre import Key
from sounder import RATE_HZ, Ear, Sounder, samples
from tower import PROGRAM, Broker, Subscriber, Tower, ending, wait_until, workplace

SITE = 'site { id = "north" allow_list = false }\n'
SOURCE = ('source "radio" { type = stdin rate_hz = 48000\nchannel "aprs" { protocols = {"ax25"} frequency_hz = 144390000 }\n'
          'channel "vhf" { protocols = {"mdc1200", "fleetsync"} frequency_hz = 155000000 } }\n')

with workplace() as folder:
    key, weak = Key(PROGRAM, folder, "yuma-ana"), Key(PROGRAM, folder, "yuma-system")
    sounder, ear = Sounder(folder), Ear()
    broker = Broker(folder).start()
    subscriber = Subscriber(broker, "-T", "atalaya/v1/site/+/command/#")
    tower = Tower(folder, None, {"hq": f"port = {broker.port}"}, extra=SITE + SOURCE + 'centre "yuma" {\n' +
                  key.section(["message", "transmit"]) + weak.section(["received"]) + "}\n" +
                  sounder.section("aprs", ["ax25.N0CALL-10"]) + "answer { repeat_s = 2 }\n")
    tower.start(sounder.environment, ear.read_end)
    ear.start()

    def command(name, *arguments, signer=key, wait=20):
        done = subprocess.run([PROGRAM, "command", name, "--key", str(signer.path), "--site", "north", "--port", str(broker.port), "--wait",
                               str(wait), *arguments], capture_output=True, text=True, timeout=60, check=False)
        return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]

    def sent(**members):
        return [d for d in sounder.heard("-p", "ax25") if all(d.get(k) == v for k, v in members.items())]

    def hear(line):
        ear.say(samples(folder, line))

    with ending(tower.kill, ear.close, subscriber.stop, broker.kill):
        wait_until(lambda: tower.log().count("is up"), 20, "it is up")
        # To all on a channel: nobody confirms it.
        status, answers = command("transmit", "--channel", "aprs", "--text", "Road 286 is closed at mile 12")
        assert status == 0, (answers, tower.log())
        assert [a["transmission"]["sent"] for a in answers] == [False, True], answers
        assert answers[-1]["transmission"] == {**answers[-1]["transmission"], "queued": True, "radio_confirmed": False, "final": True,
                                               "result": "sent", "attempts": 1}
        (said,) = sent(unit="N0CALL-10")
        assert said["text"] == "Road 286 is closed at mile 12" and said["to"] == "BLN0", said

        # To a unit: sent again until its radio has it, and then said so.
        asked = subprocess.Popen([PROGRAM, "command", "message", "--key", str(key.path), "--site", "north", "--port", str(broker.port),
                                  "--wait", "40", "--unit", "ax25.N0CALL-7", "--text", "Turn back, storm from the west"],
                                 stdout=subprocess.PIPE, text=True)
        wait_until(lambda: sent(to="N0CALL-7"), 20, "the text goes out")
        number = sent(to="N0CALL-7")[0]["message_id"]
        hear(f"N0CALL-7>APZATL::N0CALL-10:ack{number}9")  # of another
        hear(f"N0CALL-9>APZATL::N0CALL-10:ack{number}")  # from another
        wait_until(lambda: len(sent(to="N0CALL-7")) >= 2, 30, "it is said again")
        hear(f"N0CALL-7>APZATL::N0CALL-10:ack{number}")
        answers = [json.loads(line)["transmission"] for line in asked.communicate(timeout=60)[0].splitlines()]
        assert asked.returncode == 0, answers
        facts = [(a["queued"], a["sent"], a["radio_confirmed"], a["final"]) for a in answers]
        assert facts == [(True, False, False, False), (True, True, False, False), (True, True, True, True)], answers
        assert answers[-1]["attempts"] >= 2, answers

        # A radio that refuses it is not one that has it.
        asked = subprocess.Popen([PROGRAM, "command", "message", "--key", str(key.path), "--site", "north", "--port", str(broker.port),
                                  "--wait", "40", "--unit", "ax25.N0CALL-7", "--text", "second"], stdout=subprocess.PIPE, text=True)
        wait_until(lambda: sent(text="second"), 20, "the second text goes out")
        hear(f"N0CALL-7>APZATL::N0CALL-10:rej{sent(text='second')[0]['message_id']}")
        last = json.loads(asked.communicate(timeout=60)[0].splitlines()[-1])["transmission"]
        assert last["final"] and last["sent"] and not last["radio_confirmed"], last

        # A text to the site: acknowledged as often as it is said, told once.
        hear("N0CALL-7>APZATL::N0CALL-10:on our way{41")
        wait_until(lambda: len(sent(kind="acknowledge", ack_id="41")) == 1, 20, "its acknowledgement")
        hear("N0CALL-7>APZATL::N0CALL-10:on our way{41")
        wait_until(lambda: len(sent(kind="acknowledge", ack_id="41")) == 2, 20, "the second")
        texts = [d for d in subscriber.documents("message") if d.get("text") == "on our way"]
        assert len(texts) == 1, texts

        # What cannot be said, to whom it cannot be said, and who may not say it.
        before = len(sent(unit="N0CALL-10"))
        for arguments, reason in ((("--unit", "ax25.N0CALL-7", "--text", "x" * 68), "not_possible"),
                                  (("--unit", "mdc1200.0A01", "--kind", "call_alert"), "unavailable"),
                                  (("--unit", "ax25.N0CALL-7", "--kind", "call_alert"), "not_possible"),
                                  (("--unit", "ax25.N0CALL-7", "--text", "Emergency crew is on its way"), "not_possible"),
                                  (("--unit", "patrol-99", "--text", "x"), "unavailable")):
            status, answers = command("message", *arguments)
            assert status == 1 and answers[-1]["reason"] == reason, (arguments, answers)
        status, answers = command("transmit", "--channel", "aprs", "--text", "x", signer=weak)
        assert status == 1 and answers[-1]["reason"] == "out_of_scope", answers
        assert len(sent(unit="N0CALL-10")) == before and not sounder.key.is_down()

        # A call for help under the site's own name is somebody's; anything else under it is its own echo.
        hear("N0CALL-10>APZATL:>echo")
        hear("N0CALL-10>APZATL:>SOS wrong call sign")
        wait_until(lambda: subscriber.documents("distress"), 20, "it is raised")
        assert not [d for d in subscriber.documents("message") if d.get("status") == "echo"]

        # Nobody sends over whoever speaks, nor when the receiver is gone and nobody knows; that is said, and the key stays up.
        downs = sounder.key.times_down()
        ear.say(b"".join(struct.pack("<h", int(6000 * math.sin(i / 10))) for i in range(5 * RATE_HZ)))
        time.sleep(1)  # until it has come through the pipe
        status, answers = command("transmit", "--channel", "aprs", "--text", "x", "--expires", "3")
        assert status == 1 and answers[-1]["transmission"]["result"] == "channel_busy", answers
        assert sounder.key.times_down() == downs
        time.sleep(3)

        schema.check("response", subscriber.documents("response"))
        health = subscriber.documents("health")[-1]
        schema.validator("health").validate(health)
        (transmitter,) = health["transmitters"]
        assert transmitter["sent"] == len(sent(unit="N0CALL-10")) and transmitter["well"], transmitter
        assert tower.stop() == 0
        assert not sounder.key.is_down()
        # One key for each transmission, up in between.
        assert sounder.key.times_down() == transmitter["sent"], sounder.key.changes
