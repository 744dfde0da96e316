# SPDX-License-Identifier: Apache-2.0
"""What happened at a site and what a real subscriber got of it, checked against what the gateway promises.

A history is filled while things happen: `played` for each burst that was sent to the gateway (each is sent once and has a number in
its text), `up` and `down` of the gateway, `trouble` for each fault, `spooled` for what was seen waiting on disk, `arrived` for what a
subscriber got. `complaints` says what is wrong with it; [] is what everybody hopes for. Times are monotonic seconds of one clock."""
import bisect
import collections
import re

SETTLE_S = 2.5          # a burst is decoded and on disk this long after its end, on a busy machine too
DELIVERED_S = 5.0       # while nothing is wrong, what waits is delivered in this time
GRACE_S = 3.0           # after a fault ended, until things are as before
REPLACED = ("unit",)    # classes, and
REPLACED_KINDS = ("unit", "call")  # kinds of topic of which only the latest document counts
LATEST_KINDS = REPLACED_KINDS + ("health", "status")


class Trouble:
    """A fault from `begin` to `end` (None: it lasts). What it may take: `source` (bursts are not heard), `disk` (what is heard waits in
    memory, and a kill takes it), `spool` (what waited is gone). shows(health): whether that says so, `shows_after_s` from the beginning, as
    far as the subscribers `seen_at` (None: all) can tell."""

    def __init__(self, name, begin, takes=(), shows=None, shows_after_s=GRACE_S, seen_at=None, holds_up=None):
        self.name, self.begin, self.end, self.takes = name, begin, None, set(takes)
        self.holds_up = holds_up  # the subscribers to whom documents come late; None: all
        self.shows, self.shows_after_s, self.seen_at = shows, shows_after_s, seen_at
        self.shows_from = begin  # later, where it has to be met with first
        self.shows_until = None  # from here on it is being ended; None: until its end

    def overlaps(self, first, last):
        return self.begin <= last and (self.end is None or self.end >= first)


class Times:
    """What happened when, in order: a history of hours has thousands of faults, and each burst asks for those around it."""

    def __init__(self, history):
        self.by_begin = sorted(history.troubles, key=lambda t: t.begin)
        self.begins = [t.begin for t in self.by_begin]
        self.endless = [t for t in self.by_begin if t.end is None]
        self.longest_s = max((t.end - t.begin for t in self.by_begin if t.end is not None), default=0.0) + 2 * GRACE_S
        self.losses = [t for t in self.by_begin if "spool" in t.takes]
        self.loss_begins = [t.begin for t in self.losses]
        self.starts = sorted([t.end + GRACE_S for t in history.troubles if t.end] + [up + GRACE_S for up, _ in history.runs])
        self.calm_starts = {}  # for whom -> those of them after which nothing was wrong for a while

    def near(self, first, last):
        """Faults that began before `last` and were there, or just over, at `first` or later; others, too."""
        low = bisect.bisect_left(self.begins, first - self.longest_s)
        return [t for t in self.endless if t.begin < first - self.longest_s] + self.by_begin[low:bisect.bisect_right(self.begins, last)]


def kind_of(topic):
    return topic.split("/")[2]


def number_of(document):
    found = re.search(r"number (\d+);", document.get("comment") or document.get("text") or "")
    return int(found.group(1)) if found else None


class History:
    def __init__(self):
        self.lasts_s = {}
        self.bursts, self.runs, self.troubles, self.items = {}, [], [], {}
        self.arrivals = collections.defaultdict(list)  # subscriber -> [(at, topic, retained, document)]
        self.dropped, self.audited = {}, []  # distress of each line of the audit log
        self.times = None  # while it is judged
        self.refused = []  # (from, to) of sound that nobody took: the gateway did not read, or the machine stood still

    # ---- what happened

    def played(self, at, number, kind, unit, lasts_s=0.0):
        """kind: position, message, distress or end (of a distress, by who called). at: when it ends."""
        assert number not in self.bursts, f"number {number} is played twice"
        self.bursts[number] = (at, kind, unit)
        self.lasts_s[number] = lasts_s

    def up(self, at):
        self.times = None
        self.runs.append([at, None])

    def down(self, at):
        self.times = None
        if self.runs and self.runs[-1][1] is None:
            self.runs[-1][1] = at

    def trouble(self, *arguments, **options):
        self.times = None
        self.troubles.append(Trouble(*arguments, **options))
        return self.troubles[-1]

    def spooled(self, at, items):
        """As `atalaya spool list --json` gives them."""
        for item in items:
            if isinstance(item["payload"], dict):
                self.items.setdefault(item["payload"]["id"], (at, item["class"], item["topic"], item["payload"]))

    def arrived(self, who, at, topic, retained, document):
        """topic: below the prefix. document: None where a retained topic was cleared."""
        if kind_of(topic) == "echo":
            return  # the site's word to itself
        self.arrivals[who].append((at, topic, retained, document))

    # ---- what to think of it

    def complaints(self):
        self.times = Times(self)
        found = list(self.check_audit())
        for who in sorted(self.arrivals) or ["nobody"]:
            for check in (self.check_spooled, self.check_played, self.check_doubles, self.check_order, self.check_distress,
                          self.check_gaps, self.check_health):
                found += [f"{who}: {text}" for text in check(who)]
        return found

    def excused(self, kind, first, last):
        return any(kind in trouble.takes and trouble.overlaps(first, last) for trouble in self.troubles)

    def in_order(self):
        return getattr(self, "times", None) or Times(self)

    def documents(self, who, kind=None):
        """(at, topic, retained, document), clearings left out."""
        return [a for a in self.arrivals[who] if a[3] is not None and (kind is None or kind_of(a[1]) == kind)]

    def is_sure(self, number, who=None):
        """Whether the gateway was there long enough to hear this burst and to have it on disk, and it came to this subscriber (None:
        to all) before a spool was lost."""
        at, times = self.bursts[number][0], self.in_order()
        until = at + SETTLE_S
        for trouble in times.near(at - GRACE_S, float("inf")):
            if trouble.begin > until:
                break
            if "disk" in trouble.takes and trouble.overlaps(at - GRACE_S, until):
                until = max(until, (trouble.end if trouble.end is not None else float("inf")) + GRACE_S)
        if self.may_be_taken(at, who) or any("source" in t.takes and t.overlaps(at - GRACE_S, at + GRACE_S)
                                               for t in times.near(at - GRACE_S, at + GRACE_S)):
            return False
        return any(begin <= at - self.lasts_s[number] and (end is None or end >= until) for begin, end in self.runs)

    def may_be_taken(self, at, who=None):
        """Whether what was there at this moment was still waiting when a spool was lost: there was no time to deliver it before."""
        times = self.in_order()
        first = bisect.bisect_left(times.loss_begins, at - SETTLE_S)
        if first == len(times.losses):
            return False
        if who not in times.calm_starts:
            times.calm_starts[who] = [start for start in times.starts if not self.is_troubled(start, start + DELIVERED_S - 0.01, who)]
        calm = times.calm_starts[who]
        after = bisect.bisect_left(calm, at)
        start = calm[after] if after < len(calm) else float("inf")
        if not self.is_troubled(at, at + DELIVERED_S - 0.01, who):
            start = at
        return start > times.losses[first].begin - DELIVERED_S  # what outlived the first is delivered

    def check_spooled(self, who):
        """Everything that was seen on disk arrives."""
        ids, newest = {d["id"] for _, _, _, d in self.documents(who)}, self.newest(who)
        lost = collections.Counter()
        for name, (at, of_class, topic, document) in self.items.items():
            replaceable = of_class in REPLACED or kind_of(topic) in REPLACED_KINDS
            if name in ids or (replaceable and newest[topic] > (document["boot"], document["seq"])):
                continue
            if self.may_be_taken(at, who):
                continue
            lost[of_class] += 1
            if lost[of_class] > self.dropped.get(of_class, 0):
                yield f"lost: {name} ({of_class}, {topic}) was on disk and never arrived"

    def check_played(self, who):
        """Everything that was said while the gateway could hear it arrives."""
        got = {(kind_of(topic), number_of(d)) for _, topic, _, d in self.documents(who)}
        units = {d["unit"] for _, _, _, d in self.documents(who, "distress")}
        over = {d["unit"] for _, _, _, d in self.documents(who, "distress") if d.get("state") == "cancelled"}
        missing = collections.Counter()
        for number, (at, kind, unit) in sorted(self.bursts.items()):
            there = unit in units if kind == "distress" else unit in over if kind == "end" else (kind, number) in got
            if kind == "end" and any("spool" in t.takes and t.begin < at for t in self.troubles):
                continue  # with the spool it may have forgotten the call
            if there or not self.is_sure(number, who):
                continue
            missing[kind] += 1
            if kind == "distress" or missing[kind] > self.dropped.get(kind, 0):
                yield (f"unheard: number {number} ({kind} of {unit}) was said to a gateway that was there, and never arrived; "
                       + self.around(number))

    def around(self, number):
        """What else is known of a burst: for who has to find out why."""
        at = self.bursts[number][0]
        got = {who: (when, d["boot"], d["seq"], d.get("delayed", False)) for who in self.arrivals
               for when, _, _, d in self.documents(who) if number_of(d) == number}
        kept = [(when, d["boot"], d["seq"]) for when, _, _, d in self.items.values() if number_of(d) == number]
        troubles = [(t.name, round(t.begin - at, 3), t.end and round(t.end - at, 3)) for t in self.troubles
                    if t.overlaps(at - 60, at + 60)]
        refused = [(round(a - at, 3), round(b - at, 3)) for a, b in self.refused if a <= at + 60 and b >= at - 60]
        return (f"said at {at:.3f} in {self.lasts_s[number]:.1f} s; arrived {got}; on disk {kept}; faults, from then: {troubles}"
                + (f"; sound that nobody took: {refused}" if refused else ""))

    def check_doubles(self, who):
        """The same thing again has the same id, and one id is one thing."""
        first_of, content_of = {}, {}
        for _, topic, _, d in self.documents(who):
            kind, number = kind_of(topic), number_of(d)
            if kind in ("position", "message") and number is not None and first_of.setdefault((kind, number), d["id"]) != d["id"]:
                yield f"doubled: {kind} number {number} came as {first_of[kind, number]} and as {d['id']}"
            same = {key: value for key, value in d.items() if key != "delayed"}
            if content_of.setdefault(d["id"], (topic, same)) != (topic, same):
                yield f"confused: {d['id']} names two different documents"
            if number is not None and kind in ("position", "message") and number not in self.bursts:
                yield f"invented: {kind} number {number} was never said"

    def check_order(self, who):
        """Within a class what comes for the first time comes in the order in which it was said."""
        last, seen = {}, set()
        for _, topic, retained, d in self.documents(who):
            kind = kind_of(topic)
            if kind not in ("position", "message", "unit", "distress", "stats") or d["id"] in seen:
                continue
            seen.add(d["id"])
            key = (d["boot"], d["seq"])
            if retained:
                continue
            if key < last.get(kind, (0, 0)):
                yield f"order: {kind} {key} came after {last[kind]}"
            last[kind] = max(key, last.get(kind, (0, 0)))

    def check_distress(self, who):
        """Who calls is one incident, however often, through whatever faults."""
        objects = collections.defaultdict(set)
        incidents = collections.defaultdict(set)
        for _, _, _, d in self.documents(who, "distress"):
            objects[d["unit"]].add(d["distress"])
            incidents[d["unit"]].add(d.get("incident"))
        callers = {unit for _, kind, unit in self.bursts.values() if kind == "distress"}
        losses = sum("spool" in t.takes for t in self.troubles)  # a new spool knows nothing of the old one's calls
        for unit, names in objects.items():
            if unit not in callers:
                yield f"false distress: {unit} never called"
            if len(names) > 1 + losses or len(incidents[unit]) > 1 + losses:
                yield f"doubled distress: {unit} is {sorted(names)}"

    def check_audit(self):
        """What the audit log has of a distress somebody got to hear."""
        known = {d["distress"] for who in self.arrivals for _, _, _, d in self.documents(who, "distress")}
        for name in dict.fromkeys(self.audited):
            if name not in known and not self.excused("spool", 0, float("inf")):
                yield f"lost distress: {name} stands in the audit log and never arrived"

    def is_troubled(self, first, last, who=None):
        """Whether something could keep documents for this subscriber (None: any) back that do not wait on disk."""
        if any(t.overlaps(first - GRACE_S, last) or (t.end is not None and t.end + GRACE_S >= first and t.begin <= last)
               for t in self.in_order().near(first - GRACE_S, last) if who is None or t.holds_up is None or who in t.holds_up):
            return True
        return not any(begin + GRACE_S <= first and (end is None or end >= last) for begin, end in self.runs)

    def topics(self):
        """Of each (boot, seq) that anybody got."""
        return {(d["boot"], d["seq"]): topic for who in self.arrivals for _, topic, _, d in self.documents(who)}

    def replaced(self):
        """Of each boot, how many documents a newer one of their topic kept from being sent, as health says."""
        found = collections.Counter()
        for who in self.arrivals:
            for _, _, _, d in self.documents(who, "health"):
                found[d["boot"]] = max(found[d["boot"]], d.get("spool", {}).get("replaced", 0))
        return found

    def newest(self, who):
        """(boot, seq) of the latest document of each topic."""
        found = collections.defaultdict(lambda: (0, 0))
        for _, topic, _, d in self.documents(who):
            found[topic] = max(found[topic], (d["boot"], d["seq"]))
        return found

    def check_gaps(self, who):
        """(boot, seq) counts everything that a site says: while nothing is wrong nothing is missing. What another subscriber got may have
        been replaced by a newer one before it was sent here; what nobody got is one of those that the site says it replaced."""
        first_at = collections.defaultdict(dict)
        kept = {(d["boot"], d["seq"]) for _, _, _, d in self.items.values()}  # if one is missing, check_spooled has said so
        topics, newest, replaced = self.topics(), self.newest(who), self.replaced()
        for at, topic, retained, d in self.documents(who):
            if not retained:
                first_at[d["boot"]].setdefault(d["seq"], at)
        for boot, seen in first_at.items():
            order = sorted(seen)
            for a, b in zip(order, order[1:]):
                first, last = min(seen[a], seen[b]), max(seen[a], seen[b])
                missed = [(boot, n) for n in range(a + 1, b) if (boot, n) not in kept]
                missed = [key for key in missed if key not in topics or kind_of(topics[key]) not in LATEST_KINDS
                          or newest[topics[key]] <= key]
                if not missed or self.is_troubled(first, last):
                    continue
                unknown = sum(key not in topics for key in missed)
                if unknown == len(missed) <= replaced[boot]:
                    replaced[boot] -= unknown
                else:
                    yield (f"gap: of boot {boot} nothing between {a} ({topics[boot, a]} at {first:.3f}) and {b} ({topics[boot, b]} at "
                           f"{last:.3f}), and nothing was wrong then; missed: {[topics.get(key, key) for key in missed]}")

    def check_health(self, who):
        """health says what is wrong while it is wrong."""
        told_all = [(at, d) for at, _, retained, d in self.documents(who, "health") if not retained]
        told_at, times = [at for at, _ in told_all], self.in_order()
        for trouble in self.troubles:
            if not trouble.shows or trouble.end is None or (trouble.seen_at and who not in trouble.seen_at):
                continue
            until = trouble.shows_until or trouble.end
            starts = [trouble.shows_from] + [up for up, _ in self.runs if trouble.begin <= up <= trouble.end]
            told = [(at, d) for at, d in told_all[bisect.bisect_left(told_at, trouble.shows_from):bisect.bisect_right(told_at, until)]
                    if all(at < start or at >= start + trouble.shows_after_s for start in starts)]
            hidden = any(t is not trouble and t.seen_at and who not in t.seen_at and t.overlaps(trouble.begin - GRACE_S, trouble.end)
                         for t in times.near(trouble.begin - GRACE_S, trouble.end))  # the way to this subscriber was in trouble as well
            there = not hidden and any(begin <= starts[-1] and (end is None or end >= until) for begin, end in self.runs)
            silent = [(at, d) for at, d in told if not trouble.shows(d) or d["well"]]
            if not told and there and until - starts[-1] > trouble.shows_after_s + GRACE_S:
                yield f"health: nothing was told while {trouble.name}"
            for at, d in silent[:1]:
                others = [(t.name, round(t.begin - at, 3), t.end and round(t.end - at, 3)) for t in self.troubles
                          if t.overlaps(at - 30, at + 30)]
                yield f"health: {d['id']} at {at:.3f} says nothing of {trouble.name}; faults, from then: {others}"
