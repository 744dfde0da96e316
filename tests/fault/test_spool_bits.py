# SPDX-License-Identifier: Apache-2.0
"""A card that has forgotten some bits: the gateway starts on a spool and an audit log in which octets have changed, hears and ends well,
and the programs that read them say what they can. ATALAYA_FLIPS (8) of them, ATALAYA_FAULT_SEED (drawn and printed)."""
import contextlib
import os
import random
import secrets
import shutil
import sqlite3
import subprocess

from tower import EMERGENCY, PROGRAM, Broker, Subscriber, Tower, encode, position, text, wait_until, workplace

flips = int(os.environ.get("ATALAYA_FLIPS", "8"))
seed = int(os.environ.get("ATALAYA_FAULT_SEED") or secrets.randbelow(10**6))
generator = random.Random(seed)
STDIN = 'source "radio" { type = stdin rate_hz = 9600 channel "aprs" { protocols = {"ax25"} frequency_hz = 144390000 } }\n'


def fill(folder):
    """A site whose broker was never there: everything waits."""
    folder.mkdir()
    lines = [(position if n % 2 else text)(n, f"N0CALL-{n % 9}") for n in range(40)] + [EMERGENCY, "N0CALL-3>APZATL:>SOS snake bite"]
    encode(folder / "tape.wav", lines, "--rate", "9600")
    tower = Tower(folder, folder / "tape.wav", {"hq": "port = 9"}).start()
    tower.wait_for_log("has ended: end of input")
    assert tower.stop() == 0, tower.log()
    assert len(tower.waiting()) > 40, tower.log()
    return tower.spool


def spoil(path):
    data = bytearray(path.read_bytes())
    for _ in range(generator.choice((1, 1, 2, 5, 20, 100))):
        at, how = generator.randrange(len(data)), generator.random()
        if how < 0.6:
            data[at] ^= 1 << generator.randrange(8)
        elif how < 0.8:
            data[at] = generator.choice((0x00, 0x01, 0x7F, 0x80, 0xFF))
        else:
            some = data[at:at + generator.randrange(1, 64)]
            data[at:at + len(some)] = generator.randbytes(len(some))
    path.write_bytes(data)


def connections(broker):
    return broker.log().count("New client connected")


def live_through(folder, whole, broker):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    tower = Tower(folder, None, {"hq": f"port = {broker.port}\nretry_min_s = 0.1"}, extra=STDIN)
    audit = tower.spool.with_name(tower.spool.name + ".audit")
    shutil.copy(whole, tower.spool)
    shutil.copy(whole.with_name(whole.name + ".audit"), audit)
    spoil(tower.spool)
    if generator.random() < 0.5:
        spoil(audit)
    near, far = os.pipe()
    before = connections(broker)
    tower.start(stdin=near)
    os.close(near)
    try:
        wait_until(lambda: connections(broker) > before or tower.process.poll() is not None, 30, "a broker")
        assert tower.process.poll() is None, "it did not start"
        os.write(far, bytes(9600))
        assert tower.stop() == 0, "it ended badly"
    finally:
        os.close(far)
        tower.kill()
    for words in (("spool", "list", "--json", "--path", str(tower.spool)), ("incident", "--config", str(tower.config))):
        done = subprocess.run([PROGRAM, *words], capture_output=True, timeout=60)
        assert done.returncode >= 0 and b"runtime error" not in done.stderr, (words, done)
    assert "runtime error" not in tower.log() and "Sanitizer" not in tower.log()
    return tower


def prove_no_document_is_noise(folder, whole, broker):
    """A page of one message is noise that nothing in the database tells of: the others arrive, and it does not."""
    folder.mkdir()
    tower = Tower(folder, None, {"hq": f"port = {broker.port}\nretry_min_s = 0.1"}, extra=STDIN)
    shutil.copy(whole, tower.spool)
    with contextlib.closing(sqlite3.connect(tower.spool)) as database:
        names = [name for name, in database.execute("SELECT id FROM item WHERE class = 1 ORDER BY id")]
        database.execute("UPDATE item SET payload = randomblob(length(payload)) WHERE id = ?", (names[3],))
        database.commit()
    subscriber = Subscriber(broker)
    near, far = os.pipe()
    tower.start(stdin=near)
    os.close(near)
    try:
        subscriber.wait_for("message", len(names) - 1)
        wait_until(lambda: tower.waiting() == [], 20, "an empty spool")
        assert "was damaged on the disk and is not sent" in tower.log(), tower.log()
        # Each was read as JSON; a copy has the id of the first.
        assert len({document["id"] for document in subscriber.documents("message")}) == len(names) - 1
        assert tower.stop() == 0, tower.log()
    finally:
        os.close(far)
        tower.kill()
        subscriber.stop()


print(f"seed {seed}, {flips} flips", flush=True)
with workplace() as place:
    spool = fill(place / "whole")
    (place / "hq").mkdir()
    hq = Broker(place / "hq").start()
    try:
        for n in range(flips):
            try:
                site = live_through(place / "spoilt", spool, hq)
            except AssertionError:
                log = place / "spoilt" / "gateway.log"
                print(f"flip {n} of seed {seed}: {log.read_text(errors='replace')[-4000:]}")
                raise
            print(n, "set aside" if list(site.spool.parent.glob("spool.db.damaged*")) else "taken as it was", flush=True)
        prove_no_document_is_noise(place / "noise", spool, hq)
    finally:
        hq.kill()
