# SPDX-License-Identifier: Apache-2.0
"""The same scene with what goes wrong: the tower that hears best dies between call and answer, and the other one answers; the first centre's
broker is dead, and the second centre takes the call on; nobody keys for a drill as if it were real. Two towers of which each missed one burst
still make one incident."""
import time

from scene import BETTER, RADIO, SITES, WORSE, Scene
from tower import EMERGENCY, Subscriber, wait_until, workplace

PERSON = "A PERSON HAS YOUR CALL"
OTHER_BURST = EMERGENCY.replace("hurt", "hurt badly")


def one_incident_from_different_bursts(scene):
    """The towers' first bursts differ, so do the names they give; when they see each other they agree, on the older."""
    scene.say(EMERGENCY, [WORSE])
    scene.wait_for("ajo", "received", [WORSE])
    first = scene.objects("ajo")[WORSE]["incident"]
    scene.say(OTHER_BURST)
    scene.wait_for("ajo", "received")
    wait_until(lambda: {d["incident"] for d in scene.objects("ajo").values()} == {first}, 10, "one name")
    assert "joined" in scene.events(BETTER, scene.objects("ajo")[BETTER]["distress"])


def preferred_site_killed(scene):
    scene.towers[BETTER].process.kill()
    scene.towers[BETTER].process.wait()
    scene.step("ajo", "acknowledge", [WORSE])
    wait_until(lambda: scene.answers(PERSON), 20, "the other tower answers")
    scene.wait_for("ajo", "radio_acked", [WORSE])
    assert [site for site, _ in scene.answers(PERSON)][0] == WORSE
    # It comes back, learns of the person, and keeps quiet: the radio was told.
    scene.start(BETTER)
    scene.say(f"{RADIO}>APZATL::{SITES[WORSE][0]:9}:ack{scene.answers(PERSON)[0][1]['message_id']}", [WORSE])
    wait_until(lambda: scene.objects("ajo")[WORSE]["answer"]["radio_confirmed"], 20, "the radio has it")
    scene.step("ajo", "acknowledge", [BETTER])
    scene.wait_for("ajo", "acknowledged", [BETTER])
    wait_until(lambda: scene.objects("ajo")[BETTER]["answer"].get("site") == WORSE, 10, "it knows who answered")
    assert {site for site, _ in scene.answers(PERSON)} == {WORSE}


def drill(scene):
    time.sleep(1)  # what was being said again when the radio confirmed it is over
    wait_until(lambda: not any(sounder.key.is_down() for sounder in scene.sounders.values()), 10, "the keys are up")
    before = sum(len(scene.sent(site)) for site in SITES)
    scene.say(f"{RADIO}>APZATL:>SOS drill")
    scene.wait_for("ajo", "received", test=True, seconds=40)
    wait_until(lambda: sum(len(scene.sent(site)) for site in SITES) > before, 20, "the drill's answer")
    said = sorted((d["time_s"], d.get("text", "")) for site in SITES for d in scene.sent(site))
    assert sum(text.startswith("TEST: ") for _, text in said) == len(said) - before, said
    assert all(d["test"] for d in scene.at["ajo"].documents("distress") if d["reason"].startswith("text"))


def better_site_mute(scene):
    """It knows of the person and has the answer in its queue, but may not send: the other one does, and it keeps quiet from then on."""
    silence = scene.folder / f"silence-{BETTER}"
    silence.touch()
    scene.say(EMERGENCY)
    scene.wait_for("ajo", "delivered")
    scene.step("ajo", "acknowledge", SITES)
    wait_until(lambda: scene.answers(PERSON), 20, "the other tower answers")
    assert [site for site, _ in scene.answers(PERSON)] == [WORSE]
    wait_until(lambda: scene.objects("ajo")[BETTER]["answer"].get("site") == WORSE, 10, "it knows who answered")
    scene.say(f"{RADIO}>APZATL::{SITES[WORSE][0]:9}:ack{scene.answers(PERSON)[0][1]['message_id']}", [WORSE])
    silence.unlink()
    wait_until(lambda: scene.objects("ajo")[WORSE]["answer"]["radio_confirmed"], 20, "the radio has it")
    assert not scene.sounders[BETTER].key.times_down()


def only_sites_listen(scene):
    """A broker that passes a call on to other sites alone has delivered it to nobody."""
    scene.at["ajo"].stop()
    scene.say(EMERGENCY)
    for site in SITES:
        wait_until(lambda s=site: "nobody listens there" in scene.towers[s].log(), 20, f"{site} knows that nobody listens")
        assert "delivered" not in scene.towers[site].log()
    scene.at["ajo"] = Subscriber(scene.brokers["ajo"])
    wait_until(lambda: len(scene.objects("ajo")) == len(SITES), 20, "the retained call")


def run(folder, centres, act, brokers=("yuma", "ajo")):
    folder.mkdir()
    with Scene(folder, centres, brokers=brokers) as scene:
        act(scene)
        assert not any(sounder.key.is_down() for sounder in scene.sounders.values())


def first_broker_dead(scene):
    scene.brokers["yuma"].kill()
    scene.system("ajo")
    one_incident_from_different_bursts(scene)
    preferred_site_killed(scene)
    drill(scene)
    scene.step("ajo", "clear", SITES, "--outcome", "cleared")
    scene.wait_for("ajo", "cleared")
    told = scene.objects("ajo")[WORSE]["escalation"]
    assert told["level"] == 1 and told["told"] == ["yuma", "ajo"], told


with workplace() as folder:
    # The first centre's broker is dead from the start; the second centre is told when the first has not received it in 2 s.
    run(folder / "dead", {"yuma": "priority = 1 deliver_s = 1 receive_s = 2", "ajo": "priority = 2"}, first_broker_dead)
    run(folder / "mute", None, better_site_mute, ("ajo",))
    run(folder / "alone", None, only_sites_listen, ("ajo",))
