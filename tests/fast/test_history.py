# SPDX-License-Identifier: Apache-2.0
"""The checker of the fault tests is a test itself: a good history passes, harmless ones pass, and each kind of damage done to a good
one is found and called by its name."""
import copy
import unittest

from history import History

UNIT, CALLER = "ax25.N0CALL-1", "ax25.N0CALL-7"


def document(boot, seq, **more):
    return {"id": f"test-{boot}-{seq}", "site": "test", "boot": boot, "seq": seq, "delayed": False, "unit": UNIT, **more}


class Story:
    """A site that says 20 positions and texts and one call for help, in two runs, and a broker that is away for a while."""

    def __init__(self):
        self.history, self.seq, self.boot = History(), 0, 0
        self.rows = []  # (at, class, topic, retained, document)
        number = 0
        for boot, start in ((1, 100.0), (2, 200.0)):
            self.boot, self.seq = boot, 0
            self.history.up(start)
            for turn in range(5):
                at = start + 10 + 5 * turn
                for kind, key in (("position", "comment"), ("message", "text")):
                    number += 1
                    self.history.played(at, number, kind, UNIT)
                    self.say(at + 0.1, None, "rx")
                    self.say(at + 0.1, kind, f"{kind}/{UNIT}", **{key: f"number {number};"})
                    self.say(at + 0.2, "unit", f"unit/{UNIT}")
                self.say(at + 1, None, "health", well=True, links=[{"state": "up"}])
            if boot == 1:
                number += 1
                self.history.played(start + 40, number, "distress", CALLER)
                for state in ("raised", "delivered"):
                    self.say(start + 40.5, "distress", "distress/test-1-40", distress="test-1-40", incident="5a", state=state, unit=CALLER)
                self.history.audited += ["test-1-40"] * 2
            self.history.down(start + 60)
        self.history.runs[-1][1] = None

    def say(self, at, of_class, topic, **more):
        self.seq += 1
        d = document(self.boot, self.seq, **more)
        self.rows.append((at, of_class, f"site/test/{topic}", False, d))

    def find(self, kind, nth=0):
        return [n for n, row in enumerate(self.rows) if row[2].split("/")[2] == kind][nth]

    def lose(self, heard, kind, nth=0):
        name = self.rows[self.find(kind, nth)][4]["id"]
        heard[:] = [row for row in heard if row[4]["id"] != name]

    def end(self):
        for at, of_class, topic, retained, d in self.rows:
            if of_class and d is not None and not getattr(self, "unspooled", False):
                self.history.spooled(at, [{"class": of_class, "topic": topic, "payload": d}])
        for at, _, topic, retained, d in getattr(self, "heard", self.rows):
            self.history.arrived("hq", at, topic, retained, d)
        return self.history.complaints()


class Checker(unittest.TestCase):
    def damaged(self, expected, change, unspooled=False):
        story = Story()
        story.unspooled = unspooled
        story.heard = copy.deepcopy(story.rows)
        change(story, story.heard)
        found = story.end()
        self.assertTrue(any(expected in text for text in found), f"'{expected}' not among {found}")

    def harmless(self, change):
        story = Story()
        story.heard = copy.deepcopy(story.rows)
        change(story, story.heard)
        self.assertEqual(story.end(), [])

    def test_a_good_history_passes(self):
        self.assertEqual(Story().end(), [])

    def test_a_lost_item_of_the_spool(self):
        for kind in ("position", "message", "distress"):
            self.damaged("lost: ", lambda s, heard, k=kind: s.lose(heard, k, 1))

    def test_a_burst_that_never_reached_the_spool(self):
        self.damaged("unheard: ", lambda s, heard: s.lose(heard, "message", 3), unspooled=True)

    def test_a_call_for_help_that_nobody_got(self):
        def without(_, heard):
            heard[:] = [row for row in heard if "distress" not in row[2]]
        self.damaged("unheard: ", without, unspooled=True)
        self.damaged("lost: ", without)
        self.damaged("lost distress: ", without)

    def test_a_call_that_is_in_the_audit_log_alone(self):
        self.damaged("lost distress: ", lambda s, heard: s.history.audited.append("test-1-90"))
        self.damaged("lost distress: ", lambda s, heard: s.history.audited.insert(0, "test-1-20"))

    def test_one_thing_under_two_ids(self):
        def again(s, heard):
            row = copy.deepcopy(heard[s.find("message", 2)])
            row[4].update(id="test-1-999", seq=999)
            heard.append(row)
        self.damaged("doubled: ", again)

    def test_one_id_for_two_things(self):
        """As after a spool that was set aside, if boots were counted from 1 again."""
        def reused(s, heard):
            heard[s.find("message", 7)][4].update(id=heard[s.find("message", 2)][4]["id"])
        self.damaged("confused: ", reused)

    def test_order_within_a_class(self):
        def swapped(s, heard):
            a, b = s.find("position", 2), s.find("position", 3)
            heard[a], heard[b] = heard[b], heard[a]
        self.damaged("order: ", swapped)

    def test_one_call_as_two_incidents(self):
        def two(s, heard):
            heard[s.find("distress", 1)][4].update(distress="test-2-3")
        self.damaged("doubled distress: ", two)
        self.damaged("doubled distress: ", lambda s, heard: heard[s.find("distress", 1)][4].update(incident="77"))

    def test_a_call_that_nobody_made(self):
        self.damaged("false distress: ", lambda s, heard: heard[s.find("distress", 1)][4].update(unit=UNIT))

    def test_words_that_nobody_said(self):
        self.damaged("invented: ", lambda s, heard: heard[s.find("message", 1)][4].update(text="number 777;"))

    def test_a_hole_in_the_count_while_nothing_is_wrong(self):
        self.damaged("gap: ", lambda s, heard: s.lose(heard, "rx", 3))

    def test_what_another_subscriber_got_was_replaced_or_is_missed(self):
        def of_two(kind, nth):
            story = Story()
            story.unspooled = True
            story.heard = copy.deepcopy(story.rows)
            for at, _, topic, retained, d in story.rows:
                story.history.arrived("eye", at, topic, retained, d)
            story.lose(story.heard, kind, nth)
            return story.end()
        self.assertEqual(of_two("unit", 3), [])
        self.assertEqual(of_two("health", 1), [])
        self.assertTrue(any("gap: " in text and "rx" in text for text in of_two("rx", 3)))
        self.assertTrue(any("gap: " in text and "unit" in text for text in of_two("unit", 19)))  # none is newer

    def test_what_nobody_got_was_replaced_or_is_missed(self):
        def story(replaced):
            one = Story()
            one.unspooled = True
            one.heard = copy.deepcopy(one.rows)
            for nth in (2, 7):
                one.lose(one.heard, "unit", nth)
            for _, _, topic, _, d in one.heard:
                if topic.endswith("/health"):
                    d["spool"] = {"replaced": replaced}
            return one.end()
        self.assertEqual(story(2), [])
        self.assertEqual(len([text for text in story(1) if "gap: " in text]), 1)
        self.assertEqual(len([text for text in story(0) if "gap: " in text]), 2)

    def test_a_lost_spool_excuses_only_whom_nothing_could_reach_before(self):
        story = Story()
        story.unspooled = True
        story.heard = copy.deepcopy(story.rows)
        story.lose(story.heard, "message", 1)
        for at, _, topic, retained, d in story.heard:
            story.history.arrived("eye", at, topic, retained, d)
        for name, begin, end, options in (("way to hq gone", 100.0, 179.0, {"holds_up": ("hq",)}),
                                          ("spool lost", 180.0, 181.0, {"takes": ("spool",)})):
            story.history.trouble(name, begin, **options).end = end
        found = [text for text in story.end() if "unheard: " in text]
        self.assertEqual([text.split(":")[0] for text in found], ["eye"], found)

    def test_a_health_that_keeps_silent(self):
        def silent(s, heard):
            trouble = s.history.trouble("broker gone", 110.0, shows=lambda d: d["links"][0]["state"] != "up")
            trouble.end = 130.0
        self.damaged("says nothing of broker gone", silent)

        def shows_but_is_well(s, heard):
            s.history.trouble("broker gone", 110.0, shows=lambda d: True).end = 130.0
        self.damaged("says nothing of broker gone", shows_but_is_well)

        def mute(s, heard):
            silent(s, heard)
            heard[:] = [row for row in heard if "health" not in row[2]]
        self.damaged("nothing was told while broker gone", mute)

    def test_what_comes_again_with_the_same_id_is_no_harm(self):
        self.harmless(lambda s, heard: heard.insert(s.find("message", 3), copy.deepcopy(heard[s.find("message", 2)])))

    def test_of_a_unit_only_the_latest_counts(self):
        def replaced(s, heard):
            s.history.trouble("broker gone", 100.0).end = 300.0
            s.lose(heard, "unit", 2)
        self.harmless(replaced)

    def test_what_was_dropped_and_counted_is_no_loss(self):
        def dropped(s, heard):
            s.history.dropped = {"message": 1}
            s.history.trouble("spool full", 100.0).end = 300.0
            s.lose(heard, "message", 2)
        self.harmless(dropped)
        self.damaged("lost: ", lambda s, heard: (dropped(s, heard), s.lose(heard, "message", 4)))

    def test_a_hole_is_explained_by_trouble_alone(self):
        def gone(s, heard):
            s.history.trouble("broker gone", 112.0).end = 120.0
            s.lose(heard, "rx", 2)
        self.harmless(gone)

    def test_what_a_damaged_spool_held_may_be_lost_and_nothing_else(self):
        def set_aside(s, heard):
            s.history.trouble("spool damaged", 130.0, takes={"spool"}).end = 131.0
            s.lose(heard, "message", 4)
        self.harmless(set_aside)
        self.damaged("lost: ", lambda s, heard: (set_aside(s, heard), s.lose(heard, "message", 8)))
        self.damaged("lost: ", lambda s, heard: (set_aside(s, heard), s.lose(heard, "message", 1)))  # long delivered by then

    def test_who_speaks_while_nobody_listens_is_not_missed(self):
        def deaf(s, heard):
            s.history.played(165.0, 500, "message", UNIT)
        self.harmless(deaf)
        self.damaged("unheard: ", lambda s, heard: s.history.played(140.0, 500, "message", UNIT))


if __name__ == "__main__":
    unittest.main()
