# SPDX-License-Identifier: Apache-2.0
"""One call, two towers that hear it, two centres: raised at both, received by itself, acknowledged and cleared by a person's signed
commands, told by both audit logs; one tower is killed in between; a drill beside it never becomes real."""
import json
import subprocess

import schema
from centre import Key
from tower import EMERGENCY, PROGRAM, Broker, Subscriber, Tower, encode, wait_until, workplace

DRILL = "N0CALL-1>APZATL:>SOS drill"
SITES = ("north", "south")


def make_tower(folder, name, brokers, centres):
    place = folder / name
    place.mkdir()
    sections = {label: f"port = {broker.port}\nretry_min_s = 0.2\nretry_max_s = 0.5" for label, broker in brokers.items()}
    return Tower(place, folder / "tape.wav", sections, extra=f'site {{ id = "{name}" allow_list = false }}\n' + centres).start()


def order(key, name, site, broker, *arguments):
    return subprocess.run([PROGRAM, "command", name, "--key", str(key.path), "--site", site, "--port", str(broker.port), "--wait",
                           "30", *arguments], capture_output=True, text=True, timeout=60)


def newest(subscriber, site, test):
    """The last word of a site on its one real (or drilled) call."""
    documents = [d for d in subscriber.documents("distress") if d["site"] == site and d["test"] == test]
    assert len({d["distress"] for d in documents}) <= 1, "one call became several"
    return documents[-1] if documents else None


def is_in(subscriber, state, sites=SITES):
    return all((newest(subscriber, site, False) or {}).get("state") == state for site in sites)


with workplace() as folder:
    encode(folder / "tape.wav", [EMERGENCY, DRILL, EMERGENCY])
    brokers = {}
    for label in ("yuma", "ajo"):
        (folder / label).mkdir()
        brokers[label] = Broker(folder / label).start()
    at = {label: Subscriber(broker, "-T", "atalaya/v1/site/+/command/#") for label, broker in brokers.items()}
    machine, person = Key(PROGRAM, folder, "yuma-system"), Key(PROGRAM, folder, "yuma-ana")
    centres = ('centre "yuma" {\nbrokers = {"yuma"}\n' + machine.section(["received"]) + person.section(["acknowledge", "clear"]) +
               '}\ncentre "ajo" { brokers = {"ajo"} }\n')
    system = subprocess.Popen([PROGRAM, "watch", "--port", str(brokers["yuma"].port), "--receive", str(machine.path)],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    towers = {site: make_tower(folder, site, brokers, centres) for site in SITES}
    try:
        for label, subscriber in at.items():
            wait_until(lambda s=subscriber: is_in(s, "received"), 30, f"received by itself, seen at {label}")
        wait_until(lambda: all(newest(at["ajo"], site, False)["heard"] == 2 for site in SITES), 20, "both bursts at both")
        # The centres can tell that it is one call: the same unit, the same burst.
        north, south = (newest(at["ajo"], site, False) for site in SITES)
        assert (north["unit"], north["dedupe"], north["radio"]) == (south["unit"], south["dedupe"], south["radio"])
        assert north["distress"] != south["distress"]

        # One tower dies. The person's word reaches the other at once, and the dead one when it lives again.
        towers["north"].process.kill()
        towers["north"].process.wait()
        told = order(person, "acknowledge", "south", brokers["yuma"], "--distress", south["distress"], "--person", "Ana Ruiz")
        assert told.returncode == 0, told
        late = subprocess.Popen([PROGRAM, "command", "acknowledge", "--key", str(person.path), "--site", "north", "--port",
                                 str(brokers["yuma"].port), "--wait", "30", "--distress", north["distress"], "--person", "Ana Ruiz"],
                                stdout=subprocess.PIPE, text=True)
        towers["north"].start()
        assert late.wait(40) == 0 and json.loads(late.stdout.read())["accepted"]
        for subscriber in at.values():
            wait_until(lambda s=subscriber: is_in(s, "acknowledged"), 20, "acknowledged at both")

        # The machine's key may not do a person's work, nor a drill's command a real one's.
        told = order(machine, "clear", "north", brokers["yuma"], "--distress", north["distress"], "--person", "x", "--outcome", "cleared")
        assert told.returncode == 1 and json.loads(told.stdout)["reason"] == "out_of_scope", told
        told = order(person, "clear", "north", brokers["yuma"], "--distress", north["distress"], "--person", "Ana Ruiz", "--outcome",
                     "cleared", "--test")
        assert told.returncode == 1 and json.loads(told.stdout)["reason"] == "out_of_scope", told

        for site, call in (("north", north), ("south", south)):
            drill = newest(at["ajo"], site, True)
            for distress in (call["distress"], drill["distress"]):
                told = order(person, "clear", site, brokers["yuma"], "--distress", distress, "--person", "Ana Ruiz", "--outcome", "cleared")
                assert told.returncode == 0, told
        for subscriber in at.values():
            wait_until(lambda s=subscriber: is_in(s, "cleared"), 20, "cleared at both")
            wait_until(lambda s=subscriber: all(newest(s, site, True)["state"] == "exercise" for site in SITES), 20, "the drill's end")
            schema.check("distress", subscriber.documents("distress"))

        # Nothing stays retained, and the logs tell it all.
        for broker in brokers.values():
            rest = subprocess.run(["mosquitto_sub", "-h", "127.0.0.1", "-p", str(broker.port), "-t", "atalaya/v1/site/+/distress/#", "-W", "1"],
                                  capture_output=True, text=True, check=False)
            assert rest.stdout == "", rest.stdout
        for site, call in (("north", north), ("south", south)):
            spool = towers[site].spool
            whole = subprocess.run([PROGRAM, "incident", "--verify", "--path", str(spool)], capture_output=True, text=True, check=False)
            assert whole.returncode == 0, whole
            story = subprocess.run([PROGRAM, "incident", call["distress"], "--json", "--path", str(spool)], capture_output=True, text=True,
                                   check=True).stdout
            events = [json.loads(line)["event"] for line in story.splitlines()]
            # A centre can be faster than the broker's PUBACK.
            assert [e for e in events if e != "delivered"] == ["raised", "received", "acknowledged", "cleared"], events
    finally:
        system.kill()
        for tower in towers.values():
            if tower.process:
                tower.process.kill()
            print(tower.log())
        for subscriber in at.values():
            subscriber.stop()
        for broker in brokers.values():
            broker.kill()
