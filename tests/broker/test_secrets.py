# SPDX-License-Identifier: Apache-2.0
"""A run with every kind of secret: a password, a certificate's key, a reader key. None of them is in the log, in what /proc shows
of the process or in what it sent; a crash leaves no dump where that of another program does; nobody but root looks into its
memory."""
import os
import pathlib
import re
import resource
import signal
import subprocess
import sys

import reader
from tower import EMERGENCY, PROGRAM, Broker, Subscriber, Tower, encode, ending, wait_until, workplace

PASSWORD = "ocotillo-Bloom-4471"


def dies_with_a_dump(folder, words, ready):
    """Crashes a program whose dumps are wanted; was one made?"""
    with open(folder / "crash.log", "ab") as log:
        process = subprocess.Popen(words, cwd=folder, stdout=log, stderr=log,
                                   preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY,) * 2))
        ready(process)
        process.send_signal(signal.SIGABRT)
    _, status = os.waitpid(process.pid, 0)
    process.returncode = -signal.SIGABRT
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGABRT, status
    return os.WCOREDUMP(status)


def what_proc_shows(pid):
    return b"".join(pathlib.Path(f"/proc/{pid}/{name}").read_bytes() for name in ("cmdline", "environ", "status", "maps"))


def main():
    with workplace() as folder:
        (folder / "password").write_text(PASSWORD + "\n")
        (folder / "password").chmod(0o640)
        (folder / "users").write_text(f"sasabe:{PASSWORD}\n")
        subprocess.run(["mosquitto_passwd", "-U", folder / "users"], check=True)
        (folder / "users").chmod(0o644)
        path, section = reader.make(PROGRAM, folder, "sasabe")
        private = re.search(r"private (\S+)", path.read_text()).group(1)
        broker = Broker(folder, f"allow_anonymous false\npassword_file {folder / 'users'}\n").start()
        subscriber = Subscriber(broker, "-u", "sasabe", "-P", PASSWORD)
        encode(folder / "tape.wav", [EMERGENCY])
        tower = Tower(folder, folder / "tape.wav", {"hq": f'port = {broker.port}\nuser = "sasabe"\npassword_file = "{folder / "password"}"\n'
                      f'seal_to = {{"sasabe"}}\nseal_calls_to = {{"sasabe"}}\nreader_key_file = "{path}"\n'}, extra=section)
        with ending(tower.kill, subscriber.stop, broker.kill):
            tower.start()
            subscriber.wait_for("distress", 1)
            shown = what_proc_shows(tower.process.pid)
            assert b"site.conf" in shown and b"VmRSS" in shown, shown
            assert tower.stop() == 0
            sent = repr(subscriber.poll())
            for secret in (PASSWORD, private):
                assert secret.encode() not in shown and secret not in tower.log() and secret not in sent, secret

            def is_up(process):
                wait_until(lambda: "is up" in (folder / "crash.log").read_text() or process.poll() is not None, 20, "it is up")
                facts = pathlib.Path(f"/proc/{process.pid}").stat()
                inside = pathlib.Path(f"/proc/{process.pid}/environ").stat()  # root's own once it may not be looked into
                assert inside.st_uid == 0, (facts, inside)

            made = dies_with_a_dump(folder, [PROGRAM, "run", "--config", str(tower.config)], is_up)
            assert not made, "its memory was written to the disk"
            if not dies_with_a_dump(folder, [sys.executable, "-c", "import time; print('is up', flush=True); time.sleep(60)"],
                                    lambda process: None):
                print("not seen: on this machine no program leaves a dump")
    print("nothing told")


main()
