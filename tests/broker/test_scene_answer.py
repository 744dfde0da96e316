# SPDX-License-Identifier: Apache-2.0
"""From the button to the answer and back: one call, two towers, two centres. Raised once at each centre, received by its system,
acknowledged by a person's signed command, the answer keyed by the one tower that heard the call best, confirmed by the radio, cleared; and the audit
logs tell it."""
import subprocess

import schema
from scene import BETTER, RADIO, SITES, WORSE, Scene
from tower import EMERGENCY, PROGRAM, wait_until, workplace

PERSON, CENTRE = "A PERSON HAS YOUR CALL", "CENTER HAS YOUR CALL"
DRILL = f"{RADIO}>APZATL:>SOS drill"

with workplace() as folder:
    with Scene(folder) as scene:
        scene.system("yuma")
        scene.say(EMERGENCY)
        for label in scene.at:
            scene.wait_for(label, "received")
        seen = scene.objects("ajo")
        assert len({d["incident"] for d in seen.values()}) == 1, "one call, one incident"
        assert seen[BETTER]["snr_db"] > seen[WORSE]["snr_db"] and all(d["answer"]["able"] for d in seen.values()), seen

        # A system has it: the radio is told that, by one tower, and nothing more than that.
        wait_until(lambda: scene.answers(CENTRE), 20, "the centre's answer")
        assert {site for site, _ in scene.answers(CENTRE)} == {BETTER} and not scene.answers(PERSON)

        # A person has it.
        told = subprocess.run([PROGRAM, "command", "acknowledge", "--incident", seen[BETTER]["incident"][:8], "--key", str(scene.keys["yuma"][1].path),
                               "--port", str(scene.brokers["yuma"].port), "--person", "Ana Ruiz"], capture_output=True, text=True, check=False)
        assert told.returncode == 0 and len(told.stdout.splitlines()) == len(SITES), told
        wait_until(lambda: scene.answers(PERSON), 20, "the person's answer")
        scene.wait_for("ajo", "radio_acked", [BETTER])
        (site, answer), *more = scene.answers(PERSON)
        assert site == BETTER and answer["unit"] == SITES[BETTER][0], answer
        assert scene.objects("ajo")[BETTER]["answer"]["radio_confirmed"] is False
        wait_until(lambda: scene.objects("ajo")[WORSE]["answer"].get("site") == BETTER, 10, "the other knows who answered")
        assert scene.are("ajo", "acknowledged", [WORSE]), "a tower that keyed nothing says that it did"

        # The other tower hears the answer too: that is no call for help.
        scene.say(f"{SITES[BETTER][0]}>APZATL::{RADIO:9}:{PERSON}{{{answer['message_id']}", [WORSE])
        # The radio confirms it.
        scene.say(f"{RADIO}>APZATL::{SITES[BETTER][0]:9}:ack{answer['message_id']}")
        wait_until(lambda: scene.objects("ajo")[BETTER]["answer"]["radio_confirmed"], 20, "the radio has it")
        count = len(scene.answers(PERSON))

        # A drill beside it stays one, to the end and on the air.
        scene.say(DRILL)
        scene.wait_for("ajo", "received", test=True)
        drills = scene.objects("ajo", test=True)
        scene.step("yuma", "acknowledge", SITES, "--test", test=True)
        wait_until(lambda: scene.answers(f"TEST: {PERSON}"), 20, "the drill's answer")
        assert {site for site, _ in scene.answers(f"TEST: {PERSON}")} == {BETTER}
        assert len(scene.answers(PERSON)) == count, "confirmed, and yet said again"
        assert scene.are("ajo", "radio_acked", [BETTER]) and not scene.sounders[WORSE].key.times_down()
        scene.step("yuma", "clear", SITES, "--outcome", "cleared", test=True)
        scene.wait_for("ajo", "exercise", test=True)

        scene.step("yuma", "clear", SITES, "--outcome", "cleared")
        for label in scene.at:
            scene.wait_for(label, "cleared")
            schema.check("distress", scene.at[label].documents("distress"))
            real = {d["incident"] for d in scene.at[label].documents("distress") if not d["test"]}
            assert len(real) == 1, real
        for site in SITES:
            whole = subprocess.run([PROGRAM, "incident", "--verify", "--path", str(scene.towers[site].spool)], capture_output=True, text=True,
                                   check=False)
            assert whole.returncode == 0, whole
        events = [e for e in scene.events(BETTER, seen[BETTER]["distress"]) if e != "delivered"]
        assert events == ["raised", "received", "answer queued", "answer sent", "acknowledged", "answer queued", "answer sent", "radio_acked",
                          "radio confirmed", "cleared"], events
        events = [e for e in scene.events(WORSE, seen[WORSE]["distress"]) if e != "delivered"]
        assert events == ["raised", "received", "answered by another site", "acknowledged", "answered by another site", "cleared"], events
        assert drills[BETTER]["incident"] != seen[BETTER]["incident"]
        assert not any(sounder.key.is_down() for sounder in scene.sounders.values())
