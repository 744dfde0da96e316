# SPDX-License-Identifier: Apache-2.0
"""The other ways out: a KISS TNC, a base radio's data port, MDC-1200 and FleetSync on a voice channel. An emergency button of MDC-1200 is answered
once, when a person has it, for that radio knows no other answer."""
import json
import os
import subprocess

from centre import Key
from pseudo_terminal import PluggedPort
from sounder import Ear, Sounder, samples
from tower import PROGRAM, Broker, Subscriber, Tower, ending, wait_until, workplace

FEND, STX, ETX = b"\xc0", b"\x02", b"\x03"


with workplace() as folder:
    key = Key(PROGRAM, folder, "yuma-ana")
    tnc, base, sounder, ear = PluggedPort(folder / "tnc"), PluggedPort(folder / "base"), Sounder(folder), Ear()
    tnc.plug()
    base.plug()
    broker = Broker(folder).start()
    subscriber = Subscriber(broker, "-T", "atalaya/v1/site/+/command/#")
    tower = Tower(folder, None, {"hq": f"port = {broker.port}"}, extra='site { id = "north" allow_list = false }\n'
                  'source "radio" { type = stdin rate_hz = 48000\n'
                  'channel "vhf" { protocols = {"mdc1200", "fleetsync"} frequency_hz = 155000000 } }\n'
                  f'source "tnc" {{ type = kiss device = "{tnc.path}" channel "packet" {{ protocols = {{"ax25"}} frequency_hz = 144390000 }} }}\n'
                  f'source "base" {{ type = serial device = "{base.path}" speed_bit_s = 9600 answer_s = 3 }}\n'
                  'centre "yuma" {\n' + key.section(["message", "acknowledge"]) + "}\n" +
                  'transmitter "packet" { channel = "packet" radios = {"ax25.N0CALL-10"} }\n' +
                  sounder.section("vhf", ["mdc1200.0001", "kenwood.100-1000"]) + "answer { repeat_s = 1 repeats = 1 heard = true }\n")
    tower.start(sounder.environment, ear.read_end)
    ear.start()
    waiting = []

    def start(name, *arguments):
        waiting.append(subprocess.Popen([PROGRAM, "command", name, "--key", str(key.path), "--site", "north", "--port", str(broker.port),
                                         "--wait", "30", *arguments], stdout=subprocess.PIPE, text=True))
        return waiting[-1]

    def facts(done):
        last = json.loads(done.communicate(timeout=60)[0].splitlines()[-1])["transmission"]
        return last["result"], last["sent"], last["radio_confirmed"], last["final"]

    def sent(**members):
        return [d for d in sounder.heard("-p", "mdc1200,fleetsync") if all(d.get(k) == v for k, v in members.items())]

    def hear(*lines, protocol="mdc1200"):
        ear.say(samples(folder, *lines, options=("-p", protocol)))

    def stop_waiting():
        for process in waiting:
            process.kill()
            process.wait()

    with ending(stop_waiting, tower.kill, ear.close, tnc.unplug, base.unplug, subscriber.stop, broker.kill):
        wait_until(lambda: "is up" in tower.log() and tnc.is_held(tower.process) and base.is_held(tower.process), 20, "it is up")

        # A KISS TNC gets the frame, and again; nobody acknowledges it.
        asked = start("message", "--unit", "ax25.N0CALL-7", "--radio", "ax25.N0CALL-7", "--text", "by packet")
        wait_until(lambda: tnc.read().count(b"by packet{") == 2, 20, "the frame reaches the TNC, and again")
        frame = tnc.heard.split(FEND)[1]
        assert frame[0] == 0 and frame[1:8] == bytes(ord(c) << 1 for c in "APZATL") + b"\xe0", frame
        assert facts(asked) == ("sent", True, False, True)

        # A base radio carries a text out, or does not.
        for answer, confirmed in ((b"0", True), (b"1", False)):
            base.heard = b""
            asked = start("message", "--unit", "kenwood.100-1002", "--text", "by base radio")
            wait_until(lambda: b"by base radio" in base.read() and ETX in base.heard, 20, "the order reaches the base radio")
            os.write(base.end, STX + answer + ETX)
            assert facts(asked) == ("sent", True, confirmed, True)
        asked = start("message", "--unit", "kenwood.100-1002", "--text", "nobody answers")
        assert facts(asked)[0] == "expired"

        # A call alert is confirmed by the radio; a radio that was heard on the air is answered there.
        asked = start("message", "--unit", "mdc1200.0A01", "--kind", "call_alert")
        wait_until(lambda: sent(meaning="call_alert"), 20, "the call alert")
        hear("3589 0001 A000 0A01")
        assert facts(asked) == ("sent", True, True, True)
        asked = start("message", "--unit", "mdc1200.0A01", "--kind", "radio_check")
        wait_until(lambda: sent(meaning="radio_check", to="0A01"), 20, "the radio check")
        hear("3000 0A01")
        assert facts(asked) == ("sent", True, True, True)
        hear({"protocol": "fleetsync", "unit": "100-1003", "kind": "status", "status": 12}, protocol="fleetsync")
        wait_until(lambda: any(d["unit"] == "kenwood.100-1003" for d in subscriber.documents("message")), 20, "its status")
        asked = start("message", "--unit", "kenwood.100-1003", "--text", "by FleetSync")
        wait_until(lambda: sent(text="by FleetSync"), 20, "the text")
        hear({"protocol": "fleetsync", "unit": "100-1003", "to": "100-1000", "kind": "acknowledge"}, protocol="fleetsync")
        assert facts(asked) == ("sent", True, True, True)

        # The emergency button: nothing until a person has it, then once.
        before = len(sent())
        hear("0080 0A01")
        wait_until(lambda: subscriber.documents("distress"), 20, "it is raised")
        wait_until(lambda: subscriber.documents("distress")[-1].get("answer", {}).get("result") == "refused", 10, "no word for heard")
        assert len(sent()) == before
        distress = subscriber.documents("distress")[-1]
        start("acknowledge", "--distress", distress["distress"], "--person", "Ana Ruiz").communicate(timeout=60)
        wait_until(lambda: sent(meaning="emergency_acknowledge", to="0A01"), 20, "its acknowledgement")
        wait_until(lambda: subscriber.documents("distress")[-1]["state"] == "radio_acked", 10, "keyed")
        assert len(sent()) == before + 1
        assert tower.stop() == 0
