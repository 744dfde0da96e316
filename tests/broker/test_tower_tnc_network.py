# SPDX-License-Identifier: Apache-2.0
"""A whole gateway with TNCs at TCP ports: one that is late, resets the connection in the middle of a frame, says garbage and goes;
and, where it is installed, the real Dire Wolf, which hears a position, says a text on the air, and is killed."""
import os
import shutil
import subprocess
import time
import wave

from centre import Key
from kiss import frame as kiss
from kiss_server import KissServer
from ports import free_port
from tower import PROGRAM, Broker, Subscriber, Tower, encode, ending, position, wait_until, workplace

RATE = 48000
BACK_WITHIN_S = 15  # a bound: calls are at most 4 s apart


class DireWolf:
    """Hears what is written to it; what it says on the air goes to a file."""

    def __init__(self, folder, port):
        self.folder, self.said, self.process = folder, folder / "said.raw", None
        (folder / ".asoundrc").write_text(f'pcm.tape {{ type file slave.pcm "null" file "{self.said}" format raw }}\n', encoding="utf-8")
        (folder / "direwolf.conf").write_text(f"ADEVICE stdin tape\nARATE {RATE}\nACHANNELS 1\nCHANNEL 0\nMYCALL N0CALL\nMODEM 1200\n"
                                              f"KISSPORT {port}\nAGWPORT 0\n", encoding="ascii")

    def start(self):
        with open(self.folder / "direwolf.log", "ab") as log:
            self.process = subprocess.Popen(["direwolf", "-t", "0", "-c", "direwolf.conf", "-r", str(RATE), "-"], cwd=self.folder,
                                            stdin=subprocess.PIPE, stdout=log, stderr=log, env={**os.environ, "HOME": str(self.folder)})
        wait_until(lambda: self._says("Ready to accept KISS TCP"), 20, "Dire Wolf listens")

    def is_called(self):
        return self._says("Attached to KISS TCP client")

    def _says(self, words):
        return words in (self.folder / "direwolf.log").read_text(encoding="utf-8", errors="replace")

    def hear(self, samples):
        self.process.stdin.write(samples)
        self.process.stdin.flush()

    def hear_number(self, number):
        encode(self.folder / "said.wav", [position(number)])
        with wave.open(str(self.folder / "said.wav")) as file:
            assert file.getframerate() == RATE
            self.hear(file.readframes(file.getnframes()) + bytes(RATE))

    def texts(self):
        """What it has said so far; hears silence meanwhile, for it waits for a clear channel."""
        self.hear(bytes(RATE // 5))
        return subprocess.run([PROGRAM, "decode", "-q", "-f", "s16", "-r", str(RATE), str(self.said)], capture_output=True, text=True,
                              check=False).stdout if self.said.exists() else ""

    def kill(self):
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process.stdin.close()
        self.process = None


with workplace() as folder:
    key = Key(PROGRAM, folder, "yuma-ana")
    tnc, wolf_port = KissServer(), free_port()
    tnc.go()
    wolf = DireWolf(folder, wolf_port)
    broker = Broker(folder).start()
    subscriber = Subscriber(broker, "-T", "atalaya/v1/site/+/command/#")
    tower = Tower(folder, None, {"hq": f"port = {broker.port}"}, extra='site { id = "north" allow_list = false }\n'
                  f'source "tnc" {{ type = kiss host = "localhost" port = {tnc.port} channel "packet" {{ protocols = {{"ax25"}} frequency_hz = 144390000 }} }}\n'
                  f'source "wolf" {{ type = kiss port = {wolf_port} channel "aprs" {{ protocols = {{"ax25"}} frequency_hz = 144390000 }} }}\n'
                  'centre "yuma" {\n' + key.section(["message"]) + "}\n"
                  'transmitter "packet" { channel = "packet" radios = {"ax25.N0CALL-10"} }\n'
                  'transmitter "aprs" { channel = "aprs" radios = {"ax25.N0CALL-11"} }\n'
                  "answer { repeat_s = 1 repeats = 0 }\n")

    def source(name):
        health = subscriber.documents("health")
        return next((s for s in health[-1]["sources"] if s["name"] == name), {}) if health else {}

    def is_(state, name):
        wait_until(lambda: source(name).get("state") == state, BACK_WITHIN_S, f"health says that {name} is {state}")

    def texts():
        return [d["text"] for d in subscriber.documents("message")]

    def order(text, unit):
        done = subprocess.run([PROGRAM, "command", "message", "--key", str(key.path), "--site", "north", "--port", str(broker.port),
                               "--unit", unit, "--text", text, "--wait", "20"], capture_output=True, text=True, check=False)
        assert done.returncode == 0 and '"sent"' in done.stdout, done

    with ending(tower.kill, wolf.kill, tnc.hang_up, subscriber.stop, broker.kill):
        if shutil.which("direwolf"):
            wolf.start()
        tower.start()
        is_("gone", "tnc")
        assert "Connection refused" in source("tnc")["error"], source("tnc")
        assert subscriber.documents("health")[-1]["well"] is False
        tnc.listen()
        if not wolf.process:
            print("direwolf is not installed: not tried with it")
        else:
            wait_until(wolf.is_called, BACK_WITHIN_S, "Dire Wolf is called")
            wolf.hear_number(7)
            heard = subscriber.wait_for("position", 1)
            assert [(d["comment"], d["lat_deg"], d["channel"]) for d in heard] == [("number 7", 31.4845, "aprs")], heard
            order("from the ridge", "ax25.N0CALL-1")
            wait_until(lambda: '"from the ridge"' in wolf.texts(), 10, "Dire Wolf says it on the air")
            wolf.kill()
            is_("gone", "wolf")
        wait_until(tnc.is_called, BACK_WITHIN_S, "it calls")
        tnc.say(kiss("N0CALL-4", ":DISPATCH :number 0") + kiss("N0CALL-4", ":DISPATCH :number 1")[:20])
        wait_until(lambda: texts() == ["number 0"], 10, "the frame")
        is_("running", "tnc")
        assert "error" not in source("tnc")
        tnc.hang_up(reset=True)
        wait_until(tnc.is_called, BACK_WITHIN_S, "it calls again")
        tnc.say(kiss("N0CALL-4", ":DISPATCH :number 1")[20:] + kiss("N0CALL-4", ":DISPATCH :number 2"))
        wait_until(lambda: texts() == ["number 0", "number 2"], 10, "half a frame and half a frame are none")
        tnc.say(os.urandom(20000) + b"\xc0")
        tnc.say(kiss("N0CALL-4", ":DISPATCH :number 3"))
        wait_until(lambda: texts() == ["number 0", "number 2", "number 3"], 10, "after garbage")
        order("by packet", "ax25.N0CALL-4")
        wait_until(lambda: b"by packet{" in tnc.read(), 10, "the answer goes to the TNC that heard the radio")
        tnc.go()
        is_("gone", "tnc")
        assert source("tnc")["error"] == "it hung up" or "Connection" in source("tnc")["error"], source("tnc")

        assert tower.stop() == 0
