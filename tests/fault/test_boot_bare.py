# SPDX-License-Identifier: Apache-2.0
"""A tower that boots without a clock, without network, name server and gpsd: it is ready, hears and spools, says that its time is not to be believed,
and when the broker is there everything comes in the order in which it was heard, also what another such boot heard later."""
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile

import schema
from tower import Broker, Subscriber, Tower, encode, free_port, text, wait_until, workplace

# The wall clock of a board without a battery: 1970 at each boot, and nothing has set it.
SHIM = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <time.h>
int clock_gettime(clockid_t id, struct timespec *t)
{
    static int (*real)(clockid_t, struct timespec *);
    static struct timespec first;
    if (!real)
        real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    int status = real(id == CLOCK_REALTIME ? CLOCK_BOOTTIME : id, t);
    if (id == CLOCK_REALTIME && first.tv_sec == 0)
        first = *t;
    if (id == CLOCK_REALTIME)
        t->tv_sec -= first.tv_sec - 20;
    return status;
}
int adjtimex(struct timex *t) { (void)t; return TIME_ERROR; }
int ntp_adjtime(struct timex *t) { (void)t; return TIME_ERROR; }
"""

compiler = shutil.which("cc")
if not compiler or "address" in os.environ.get("ATALAYA_SANITIZE", "") or "thread" in os.environ.get("ATALAYA_SANITIZE", ""):
    print("skipped: a compiler, and a program that lets its clock be changed")
    sys.exit(77)

with workplace() as folder, tempfile.TemporaryDirectory() as plain:
    shim = pathlib.Path(plain) / "no-clock.so"  # the loader takes no space in a name
    subprocess.run([compiler, "-shared", "-fPIC", "-o", str(shim), "-x", "c", "-", "-ldl"], input=SHIM, text=True, check=True)
    port = free_port()
    notices = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    notices.bind(str(folder / "notify"))
    notices.settimeout(20)
    bare = {"LD_PRELOAD": str(shim), "NOTIFY_SOCKET": str(folder / "notify")}
    extra = 'gpsd { enabled = true }\n'

    def boot(numbers, host="broker.invalid"):
        encode(folder / "tape.wav", [text(n) for n in numbers])
        tower = Tower(folder, folder / "tape.wav", {"hq": f'port = {port}\nretry_min_s = 0.2'}, extra=extra)
        tower.config.write_text(tower.config.read_text().replace('host = "127.0.0.1"', f'host = "{host}"'))
        return tower.start(bare)

    def said(tower):
        return [json.loads(item["payload"]) if isinstance(item["payload"], str) else item["payload"] for item in tower.waiting()
                if "/message/" in item["topic"]]

    subscriber, broker = None, Broker(folder, port=port)
    tower = boot(range(3))
    try:
        while b"READY=1" not in notices.recv(4096):
            pass
        wait_until(lambda: len(said(tower)) == 3, 20, "three messages in the spool")
        for document in said(tower):
            assert document["time_source"] == "none" and document["time"].startswith("1970-"), document
        assert tower.stop() == 0, tower.log()
        tower = boot(range(3, 6))
        wait_until(lambda: len(said(tower)) == 6, 20, "six messages in the spool")
        assert tower.stop() == 0, tower.log()

        broker.start()
        subscriber = Subscriber(broker)
        tower = boot([6], "127.0.0.1")
        wait_until(lambda: len(subscriber.documents("message")) >= 7, 20, "everything at the broker")
        messages = subscriber.documents("message")
        assert [m["text"] for m in messages] == [f"number {n}" for n in range(7)], messages
        order = [(m["boot"], m["seq"]) for m in messages]
        assert order == sorted(order) and len(set(order)) == 7 and len({m["boot"] for m in messages}) == 3, order
        assert {m["time_source"] for m in messages} == {"none"}
        health = subscriber.wait_for("health", 1)[-1]
        assert health["clock"]["source"] == "none" and health["well"] is False and health["gpsd"] != "ok", health
        for kind in ("health", "message", "status"):
            schema.check(kind, subscriber.documents(kind))
        assert tower.stop() == 0, tower.log()
    finally:
        if tower.process:
            tower.process.kill()
        print(tower.log())
        if subscriber:
            subscriber.stop()
        broker.kill()
