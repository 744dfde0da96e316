# SPDX-License-Identifier: Apache-2.0
"""Whatever the broker does, every message of the recording arrives: in order per class, at most duplicated with the
same id; and a gateway whose broker is away sleeps."""
import re
import signal
import subprocess
import time

from tower import EMERGENCY, Broker, Subscriber, Tower, encode, ending, position, text, wait_until, workplace

COUNT = 12
RETRY = "retry_min_s = 0.2\nretry_max_s = 1\nkeepalive_s = 5\n"


def tape(folder):
    lines = [line for n in range(COUNT) for line in (position(n), text(n))] + [EMERGENCY]
    encode(folder / "tape.wav", lines, "--gap", "0.1")
    return folder / "tape.wav"


def numbers(documents, key):
    """First arrivals, in order; a duplicate must carry an id that came before."""
    seen, order = {}, []
    for document in documents:
        found = re.search(r"number (\d+)", document.get(key, ""))
        if not found:
            continue
        number = int(found.group(1))
        if number in seen:
            assert document["id"] in seen[number], f"number {number} came under another id"
            continue
        seen[number] = {document["id"]}
        order.append(number)
    return order


def check_all_arrived(subscriber, tower):
    expected = list(range(COUNT))
    wait_until(lambda: len(set(numbers(subscriber.documents("position"), "comment"))) == COUNT, 60, "all positions")
    wait_until(lambda: len(set(numbers(subscriber.documents("message"), "text"))) == COUNT, 60, "all messages")
    wait_until(lambda: tower.waiting() == [], 20, "an empty spool")
    assert numbers(subscriber.documents("position"), "comment") == expected
    assert numbers(subscriber.documents("message"), "text") == expected
    subscriber.wait_for("distress", 1)
    assert len({d["distress"] for d in subscriber.documents("distress")}) == 1


def scene(name, script, pace=False, broker_extra="allow_anonymous true\n", broker_section="", subscriber_options=()):
    print("scene:", name, flush=True)
    with workplace() as folder:
        broker = Broker(folder, broker_extra)
        tower = Tower(folder, tape(folder), {"hq": f"port = {broker.port}\n{RETRY}" + broker_section.format(folder=folder)},
                      pace=pace)
        subscriber = []
        subscribe = lambda: subscriber.append(Subscriber(broker, *subscriber_options)) or subscriber[-1]
        with ending(tower.kill, lambda: [one.stop() for one in subscriber], broker.kill):
            script(folder, broker, tower, subscribe)


def start_watched(broker, tower, subscribe):
    """The subscriber is there before the gateway finds the broker, however slow the machine."""
    tower.process.send_signal(signal.SIGSTOP)
    broker.start()
    subscriber = subscribe()
    tower.process.send_signal(signal.SIGCONT)
    return subscriber


def absent_at_start(folder, broker, tower, subscribe):
    tower.start()
    tower.wait_for_log("has ended")
    wait_until(lambda: len(tower.waiting()) >= 2 * COUNT, 10, "a filled spool")
    before, start = tower.cpu_seconds(), time.monotonic()
    time.sleep(6)  # more than the 5 s after which a message counts as delayed
    share = (tower.cpu_seconds() - before) / (time.monotonic() - start)
    assert share < 0.05, f"{share:.1%} of a core with the broker away"
    subscriber = start_watched(broker, tower, subscribe)
    check_all_arrived(subscriber, tower)
    delayed = [d["delayed"] for d in subscriber.documents("position")]
    assert any(delayed), "what waited does not say so"


def killed_in_mid_stream(folder, broker, tower, subscribe):
    broker.configure("allow_anonymous true\nretain_available true\n")
    broker.start()
    first = subscribe()
    tower.start()
    first.wait_for("position", 2, 30)
    broker.kill()  # without warning; persistence is off: the session is lost as well
    early = list(first.seen)
    time.sleep(3)
    second = start_watched(broker, tower, subscribe)
    second.seen = early  # one dispatcher, two connections
    check_all_arrived(second, tower)


def wrong_password(folder, broker, tower, subscribe):
    password_file = folder / "broker.passwords"
    subprocess.run(["mosquitto_passwd", "-b", "-c", str(password_file), "test", "right"], check=True)
    password_file.chmod(0o644)
    secret = folder / "secret"
    secret.write_text("wrong\n", encoding="utf-8")
    secret.chmod(0o600)
    broker.configure(f"allow_anonymous false\npassword_file {password_file}\n")
    broker.start()
    tower.start()
    wait_until(lambda: re.search("password", tower.log()), 20, "the log complains about the password")
    assert "wrong" not in tower.log() and "right" not in tower.log(), "a secret in the log"
    subscriber = subscribe()
    secret.write_text("right\n", encoding="utf-8")
    check_all_arrived(subscriber, tower)


def another_of_the_same_id(folder, broker, tower, subscribe):
    broker.start()
    tower.start()
    twin = subprocess.Popen(["mosquitto_sub", "-p", str(broker.port), "-i", "atalaya-test", "-t", "x"])
    with ending(twin.kill, twin.wait):
        tower.wait_for_log("does another have its client id 'atalaya-test'")


scene("broker absent at start", absent_at_start)
scene("broker killed in mid-stream, session lost", killed_in_mid_stream, pace=True)
scene("another client of the same id", another_of_the_same_id)
scene("wrong password, corrected later", wrong_password,
      broker_section='user = "test"\npassword_file = "{folder}/secret"\n', subscriber_options=("-u", "test", "-P", "right"))
