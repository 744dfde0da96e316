# SPDX-License-Identifier: Apache-2.0
"""Memory of a running gateway while traffic passes through it to a broker."""
import pathlib

from tower import Broker, Subscriber, Tower, encode, position, text, wait_until, workplace

LIMIT_KIB = 30 * 1024  # resident, all in
SLACK_KIB = 128        # a page or two a thread and for SQLite's cache; over 2000 bursts a leak of 64 bytes each is seen


def private_kib(pid):
    """Anonymous memory: heap and stacks, without the pages of files."""
    rows = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    return next(int(row.split()[1]) for row in rows if row.startswith("Anonymous:"))


def prove_no_growth(bursts, gap_s, pace, patience_s):
    """All bursts heard, published and acknowledged: under the limit, and nothing grows after the first third."""
    with workplace() as folder:
        lines = [(position if n % 2 else text)(n, f"N0CALL-{n % 16}") for n in range(bursts)]
        (folder / "lines.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
        encode(folder / "tape.wav", [], "--gap", str(gap_s), "--rate", "9600", "--preamble", "64", "-i", str(folder / "lines.txt"))
        broker = Broker(folder).start()
        subscriber = Subscriber(broker)
        tower = Tower(folder, folder / "tape.wav", {"hq": f"port = {broker.port}"}, pace=pace)
        tower.start()
        figures = []

        def heard(count):
            health = subscriber.documents("health")
            return health and health[-1]["counters"]["receptions"] >= count

        try:
            for third in (1, 2, 3):
                wait_until(lambda: heard(bursts * third // 3 - 1), patience_s, f"{third} thirds of the traffic")
                figures.append((private_kib(tower.process.pid), tower.rss_kib()))
            wait_until(lambda: tower.waiting() == [], 60, "an empty spool")
            figures.append((private_kib(tower.process.pid), tower.rss_kib()))
            print("anonymous, resident KiB:", figures)
            assert max(rss for _, rss in figures) < LIMIT_KIB, figures
            assert figures[-1][0] - figures[0][0] <= SLACK_KIB, figures
            assert tower.stop() == 0, tower.log()
        finally:
            if tower.process:
                tower.process.kill()
                tower.process.wait()
            subscriber.stop()
            broker.kill()
