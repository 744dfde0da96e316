# SPDX-License-Identifier: Apache-2.0
"""A site that cannot write its audit log says so in its health, and calls for help go out all the same; once it can, it is well,
and the log tells how many lines were lost."""
import json
import subprocess

from tower import EMERGENCY, PROGRAM, at_work, encode, wait_until, workplace


def told(subscriber):
    return [fault["kind"] for fault in subscriber.documents("health")[-1]["faults"]]


with workplace() as folder:
    encode(folder / "call.wav", [EMERGENCY])
    log = folder / "spool.db.audit"
    log.mkdir()  # as little a file as one that belongs to somebody else, for root too
    with at_work(folder, "", recording=folder / "call.wav") as (subscriber, tower):
        subscriber.wait_for("distress", 1)
        wait_until(lambda: subscriber.documents("health") and told(subscriber) == ["audit_log"], 20, "health says that")
        assert subscriber.documents("health")[-1]["well"] is False
        assert "(Is a directory)" in subscriber.documents("health")[-1]["faults"][0]["text"]
        tower.wait_for_log("is not logged there until it can be")
        log.rmdir()
        wait_until(lambda: not told(subscriber), 20, "it is well again")
        lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
        assert [line["event"] for line in lines] == ["resumed"] and lines[0]["missed"] >= 1, lines
        verdict = subprocess.run([PROGRAM, "incident", "--verify", "--path", str(tower.spool)], capture_output=True, text=True,
                                 check=False)
        assert verdict.returncode == 0 and "whole" in verdict.stdout, verdict
        listed = subprocess.run([PROGRAM, "incident", "--path", str(tower.spool)], capture_output=True, text=True, check=False)
        assert listed.stdout == "", listed
