# SPDX-License-Identifier: Apache-2.0
"""kill -9 at random moments of one call after the other: the audit log is whole after each, tells of every distress that the spool
or a centre knows, and goes on in the same chain. ATALAYA_KILLS: how often (60)."""
import json
import os
import random
import signal
import subprocess
import time

from tower import PROGRAM, Broker, Subscriber, Tower, encode, ending, wait_until, workplace

KILLS = int(os.environ.get("ATALAYA_KILLS", "60"))
generator = random.Random(20261124)


def incident(tower, *arguments):
    return subprocess.run([PROGRAM, "incident", "--path", str(tower.spool), *arguments], capture_output=True, text=True, timeout=30)


with workplace() as folder:
    broker = Broker(folder).start()
    subscriber = Subscriber(broker)
    tower = Tower(folder, folder / "tape.wav", {"hq": f"port = {broker.port}\nretry_min_s = 0.2"})
    lines = before = 0
    with ending(tower.kill, subscriber.stop, broker.kill):
        for kill in range(KILLS):
            # New units each time, so that every call is an incident of its own.
            units = [f"N{kill % 10}{chr(65 + kill // 10)}CAL-{n}" for n in range(1, 9)]
            encode(folder / "tape.wav", [f"{unit}>234U6T:`(_fn\"Oj/hurt" for unit in units], "--gap", "0.02")
            read = len(tower.log())
            tower.start()
            if kill % 3:  # amid the calls, however slow the machine is
                wait_until(lambda: " raised by " in tower.log()[read:], 60, "the first call")
                time.sleep(generator.uniform(0.0, 0.15))
            else:
                time.sleep(generator.uniform(0.02, 0.4))
            tower.stop(signal.SIGKILL)
            if not tower.spool.exists() or subprocess.run([PROGRAM, "spool", "count", "--path", str(tower.spool)],
                                                          capture_output=True, check=False).returncode:
                continue  # killed while the database was made
            told = incident(tower, "--verify")
            assert told.returncode == 0, f"after kill {kill}: {told.stdout}{told.stderr}"
            lines = int(told.stdout.split(": ")[1].split()[0])
            assert lines >= before, f"after kill {kill}: {before} lines became {lines}"
            before = lines
        assert lines > KILLS, f"only {lines} lines: the kills fell beside the calls"
        # Whatever a centre was ever told stands in the log, under the hash that it was given.
        hashes = {}
        for line in tower.spool.with_name("spool.db.audit").read_text().splitlines():
            entry = json.loads(line)
            hashes[entry["n"]] = entry["hash"]
        heard = [d for d in subscriber.documents("distress") if "audit" in d]
        assert heard, "no distress reached the broker"
        for document in heard:
            assert hashes.get(document["audit"]["n"]) == document["audit"]["hash"], document["audit"]
        print(f"{KILLS} kills, {lines} lines, {len(heard)} documents, all in the log")
