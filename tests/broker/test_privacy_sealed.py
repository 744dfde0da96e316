# SPDX-License-Identifier: Apache-2.0
"""Two sites at a broker whose disk somebody reads: nothing that names a unit, a crew, a channel or a place is there in clear, and
topics of a unit stay the same over a restart. A centre opens documents with README's lines of Python; `atalaya watch` and
`atalaya command --incident` do their work with a reader key, and say why they cannot without it. The sites still agree on one
name of an incident that only one of them heard from its beginning, which another site's key opens and a third one's does not."""
import json
import re
import subprocess

import reader
import schema
from centre import Key
from tower import PROGRAM, Broker, Subscriber, Tower, encode, ending, wait_until, workplace

FIRST = "N0CALL-7>APZATL:!3130.55N/11133.66W[EMERGENCY snake bite"
LATER = "N0CALL-7>APZATL:!3130.59N/11133.61W[EMERGENCY we are three"
ROUTINE = ["N0CALL-1>APZATL:!3129.11N/11132.02W[on foot", "N0CALL-1>APZATL::DISPATCH :two walkers, both well"]
OPEN_KINDS = {"status", "response", "echo"}
SECRETS = r"(?i)patrol|N0CALL|aprs|snake|walkers|foot|31\.|111\.|3130|lat_deg|incident|crew"


class Site:
    def __init__(self, folder, name, lines, broker, keys, signer, others):
        self.folder, self.name = folder / name, name
        self.folder.mkdir()
        encode(self.folder / "tape.wav", lines)
        options = (f'port = {broker.port}\nseal_to = {{"yuma-screen", "ajo"}}\nseal_calls_to = {{{others}}}\n'
                   f'reader_key_file = "{keys[name][0]}"\nretry_min_s = 0.2\n')
        self.tower = Tower(self.folder, self.folder / "tape.wav", {"hq": options},
                           extra=f'site {{ id = "{name}" }}\nreport {{ health_s = 1 stats_s = 1 }}\n'
                                 'unit "patrol-7" { crew = "Patrol 7" radios = {"ax25.N0CALL-7"} }\n'
                                 'unit "patrol-1" { crew = "Patrol 1" radios = {"ax25.N0CALL-1"} }\n' +
                                 "".join(section for _, section in keys.values()) +
                                 'centre "yuma" {\n' + signer.section(["received", "acknowledge"]) + "}\n")

    def start(self):
        self.tower.start()
        return self


def kind_of(topic):
    return topic.split("/")[2]


def everything(subscriber, kinds=None):
    return [(topic, payload) for _, topic, _, payload in subscriber.poll()
            if payload and kind_of(topic) != "command" and (not kinds or kind_of(topic) in kinds)]


def nothing_is_in_clear(told):
    check = schema.validator("sealed")
    for topic, payload in told:
        name = topic.split("/")[3] if topic.count("/") == 3 else ""
        if kind_of(topic) in OPEN_KINDS:
            schema.validator(kind_of(topic)).validate(payload)
        else:
            check.validate(payload)
        if kind_of(topic) in ("position", "message", "unit", "activity"):
            assert re.fullmatch(r"[0-9a-f]{16}", name), topic
        clear = topic + json.dumps({key: value for key, value in payload.items() if key != "sealed"})
        wanted = re.search(SECRETS, re.sub(r'"to": \{[^}]*\}|"(time|uptime)[^,]*,', "", clear))
        assert not wanted or kind_of(topic) in ("response",), (topic, payload)


def readers_and_nobody_else(keys, told):
    sealed = [(topic, payload) for topic, payload in told if kind_of(topic) not in OPEN_KINDS]
    calls = [payload for topic, payload in sealed if kind_of(topic) == "call"]
    rest = [payload for topic, payload in sealed if kind_of(topic) != "call"]
    assert {frozenset(p["to"]) for p in rest} == {frozenset(("yuma-screen", "ajo"))}
    assert {frozenset(p["to"]) for p in calls} == {frozenset(("north", "south"))}, calls
    opened = reader.open_all(keys["yuma-screen"][0], rest)
    if opened is None:
        print("not seen: python3-nacl is not installed")
        return
    for (topic, _), document in zip([one for one in sealed if kind_of(one[0]) != "call"], opened):
        schema.validator(kind_of(topic)).validate(document)
        assert document["site"] == topic.split("/")[1], (topic, document)
    whole = json.dumps(opened)
    for word in ("patrol-1", "patrol-7", "snake bite", "two walkers", "31.509", "Patrol 1", '"channels"'):
        assert word in whole, word
    called = reader.open_all(keys["north"][0], calls)
    schema.check("call", called)


def watch(broker, *words):
    done = subprocess.run([PROGRAM, "watch", "--port", str(broker.port), "--seconds", "0.8", *words], capture_output=True, text=True,
                          check=False)
    return done.stdout + done.stderr


def incidents(broker, keys):
    """How many sites have an incident, and how many names of it there are, as a centre sees it."""
    last = dict(re.findall(r"(north|south) +patrol-7 .* incident ([0-9a-f]{8})", watch(broker, "--reader-key", str(keys["ajo"][0]))))
    return len(last), len(set(last.values()))


def a_centre_does_its_work(broker, keys, signer, subscriber):
    shut = watch(broker)
    assert "DISTRESS: a distress, sealed: --reader-key opens it" in shut and "snake" not in shut, shut
    other = watch(broker, "--reader-key", str(keys["north"][0]))
    assert "sealed to others" in other and "snake" not in other, other
    shown = watch(broker, "--reader-key", str(keys["ajo"][0]), "--receive", str(signer.path))
    assert "patrol-7 (Patrol 7)" in shown and "snake bite" in shown and "31.50917" in shown, shown
    incident = re.search(r"incident ([0-9a-f]{8})", shown).group(1)
    words = [PROGRAM, "command", "acknowledge", "--port", str(broker.port), "--incident", incident, "--person", "Ana Ruiz", "--key",
             str(signer.path)]
    blind = subprocess.run(words, capture_output=True, text=True, check=False)
    assert blind.returncode == 1 and "no site has an open incident" in blind.stderr, blind
    done = subprocess.run([*words, "--reader-key", str(keys["ajo"][0])], capture_output=True, text=True, check=False)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0 and {a["site"] for a in answers} == {"north", "south"}, done
    wait_until(lambda: watch(broker, "--reader-key", str(keys["ajo"][0])).count("acknowledged by Ana Ruiz") == 2, 20, "both answered")
    heard = subprocess.run([PROGRAM, "listen", "--host", "127.0.0.1", "--port", str(broker.port), "--reader-key", str(keys["ajo"][0]),
                            "--seconds", "1"], capture_output=True, text=True, check=False)
    assert heard.returncode == 0, heard
    wait_until(lambda: len(everything(subscriber, {"response"})) >= 4, 10, "all answers")


def topics_last(sites, subscriber):
    before = {topic for topic, _ in everything(subscriber, {"unit"})}
    for site in sites:
        assert site.tower.stop() == 0, site.tower.log()
    mark = len(everything(subscriber, {"unit"}))
    sites[0].start()
    wait_until(lambda: len(everything(subscriber, {"unit"})) > mark, 20, "units again")
    after = {topic for topic, _ in everything(subscriber, {"unit"})[mark:]}
    assert after <= before and {t.split("/")[1] for t in after} == {"north"}, (before, after)
    north, south = ({t.split("/")[3] for t in before if t.split("/")[1] == name} for name in ("north", "south"))
    assert north and south and not north & south  # the same unit has another name at the other site


def main():
    with workplace() as folder:
        broker = Broker(folder).start()
        subscriber = Subscriber(broker)
        keys = {name: reader.make(PROGRAM, folder, name) for name in ("yuma-screen", "ajo", "north", "south")}
        signer = Key(PROGRAM, folder, "yuma-1")
        sites = [Site(folder, "north", ROUTINE + [FIRST], broker, keys, signer, '"north", "south"'),
                 Site(folder, "south", [LATER], broker, keys, signer, '"north", "south"')]
        with ending(*(site.tower.kill for site in sites), subscriber.stop, broker.kill):
            sites[0].start()
            wait_until(lambda: everything(subscriber, {"call"}), 20, "the first call")
            sites[1].start()
            wait_until(lambda: any(t.startswith("site/south/call") for t, _ in everything(subscriber, {"call"})), 20, "the second")
            wait_until(lambda: incidents(broker, keys) == (2, 1), 20, "one name for the incident at both sites")
            a_centre_does_its_work(broker, keys, signer, subscriber)
            told = everything(subscriber)
            assert {"status", "info", "health", "stats", "rx", "position", "message", "unit", "activity", "distress", "call",
                    "response"} <= {kind_of(topic) for topic, _ in told}
            nothing_is_in_clear(told)
            readers_and_nobody_else(keys, told)
            topics_last(sites, subscriber)
    print("sealed, and at work")


main()
