# SPDX-License-Identifier: Apache-2.0
"""kill -9 before each write and each sync that a call for help makes, one after the other: what stands in the audit log as raised is
raised, once, also when the kill fell between the line and the object. The log is so small that it begins a new file now and then. No
broker is there until the end, so that nothing else writes."""
import collections
import json
import signal
import subprocess
import time

import faults
from fault_rig import Tnc
from tower import PROGRAM, Broker, Subscriber, Tower, wait_until, workplace

faults.need()
KILLS_MAX = 60


def audited(tower):
    """Of all files."""
    texts = [path.read_text() for path in tower.spool.parent.glob("spool.db.audit*")]
    return sorted((json.loads(line) for text in texts for line in text.splitlines() if line.endswith("}")), key=lambda line: line["n"])


def stored(tower):
    """Distress that waits for a broker."""
    return {item["payload"]["distress"] for item in tower.waiting() if "/distress/" in item["topic"]}


def verify(tower, when):
    told = subprocess.run([PROGRAM, "incident", "--path", str(tower.spool), "--verify"], capture_output=True, text=True, check=False)
    assert told.returncode == 0, f"{when}: {told.stdout}{told.stderr}"


with workplace() as folder:
    disk = faults.Faults(folder / "spool.db")
    tnc = Tnc(folder / "tnc")
    tnc.plug()
    broker = Broker(folder)
    tower = Tower(folder, None, {"hq": f"port = {broker.port}\nretry_min_s = 0.2\nretry_max_s = 0.5"},
                  extra=f'source "tnc" {{ type = kiss device = "{tnc.path}" }}\nspool {{ path = "{folder / "spool.db"}" batch_s = 60 audit_limit = 8192 }}\n')

    def start():
        read = len(tower.log())
        tower.start(disk.environment)
        wait_until(lambda: " is up: " in tower.log()[read:], 20, "the gateway is up")
        wait_until(lambda: tnc.is_held(tower.process), 20, "the TNC is open")

    between = calls = 0
    subscriber = None
    try:
        for kill in range(1, KILLS_MAX):
            start()
            call = f"N{kill // 260}{chr(65 + kill // 10 % 26)}CAL-{kill % 10 + 1}"
            before = len(audited(tower))
            disk.kill_at = kill
            tnc.say(call, ">SOS")
            calls += 1
            wait_until(lambda: tower.process.poll() is not None or f"raised by ax25.{call}" in tower.log(), 20, "raised or killed")
            if tower.process.poll() is None:
                break  # that many it does not take
            assert tower.process.returncode == -signal.SIGKILL, tower.process.returncode
            tower.process = None
            verify(tower, f"after kill {kill}")
            lines = audited(tower)[before:]
            between += any(line["event"] == "raised" and line["distress"] not in stored(tower) for line in lines)
        else:
            raise AssertionError("no end of writes")
        disk.clear()
        assert tower.spool.with_name("spool.db.audit.1").exists(), "the log began no new file"
        assert between, "no kill fell between the line and the object"
        assert tower.stop() == 0
        broker.start()
        subscriber = Subscriber(broker)
        start()
        end = time.monotonic() + 10
        while stored(tower) - {document["distress"] for document in subscriber.documents("distress")} and time.monotonic() < end:
            time.sleep(0.05)
        assert tower.stop() == 0
        verify(tower, "in the end")
        lines = audited(tower)
        raised = collections.Counter(line["distress"] for line in lines if line["event"] == "raised")
        assert set(raised.values()) == {1}, raised
        documents = subscriber.documents("distress")
        heard = {document["distress"] for document in documents}
        assert heard == set(raised), f"written and never sent: {set(raised) - heard}; sent and not written: {heard - set(raised)}"
        assert all(document["text"] == "SOS" and document["reason"] == "text: SOS" for document in documents), documents
        hashes = {line["n"]: line["hash"] for line in lines}
        assert all(hashes[document["audit"]["n"]] == document["audit"]["hash"] for document in documents), "a mark of no line"
        print(f"{calls} calls, {len(raised)} of them written, {between} kills between line and object")
    except BaseException:
        print(tower.log()[-3000:])
        raise
    finally:
        if tower.process:
            tower.process.kill()
        if subscriber:
            subscriber.stop()
        broker.kill()
        tnc.unplug()
        disk.close()
