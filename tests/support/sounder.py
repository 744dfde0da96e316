# SPDX-License-Identifier: Apache-2.0
"""A radio for a gateway under test: its sound goes to a file through ALSA's file plug-in, its key to a pseudo-terminal that stands for
the hidraw node of a sound card, and what it hears comes from here sample by sample."""
import json
import os
import pathlib
import pty
import signal
import subprocess
import tempfile
import threading
import time
import tty

from tower import PROGRAM

RATE_HZ = 48000


class Key:
    """What the gateway writes to the key's device: (seconds, is it down?) at each change."""

    def __init__(self, folder, name):
        self.path = pathlib.Path(folder) / f"{name}-key"
        self.changes, self.reports, self.plugged = [], 0, 0
        self.end = None
        self.plug()

    def plug(self):
        self.end, near = pty.openpty()
        tty.setraw(near)
        self.path.symlink_to(os.ttyname(near))
        self.reports = 0
        self.plugged += 1
        os.close(near)
        threading.Thread(target=self.read, args=(self.end, self.plugged), daemon=True).start()

    def unplug(self):
        """A device that is gone keys nothing."""
        self.path.unlink()
        self.plugged += 1
        os.close(self.end)
        self.change(False)

    def change(self, down):
        if not self.changes or self.changes[-1][1] != down:
            self.changes.append((time.monotonic(), down))

    def read(self, end, plugged):
        rest = b""
        while plugged == self.plugged:
            try:
                rest += os.read(end, 4096)
            except OSError:
                time.sleep(0.01)  # nobody has the near end open
            while plugged == self.plugged and len(rest) >= 5:
                report, rest = rest[:5], rest[5:]
                assert report[0] == 0 and report[3] == 4, report
                self.reports += 1
                self.change(report[2] == 4)

    def seen(self):
        return self.reports > 0

    def is_down(self):
        return bool(self.changes) and self.changes[-1][1]

    def times_down(self):
        return sum(down for _, down in self.changes)

    def section(self):
        return f'ptt = cm108 ptt_device = "{self.path}" ptt_line = 3'


class Sounder:
    """`section` makes it a transmitter of a site's configuration; `environment` must be the gateway's. pipe: the sound goes to a program
    that `hang` stops. missing: there is no such sound device."""

    def __init__(self, folder, name="out", missing=False, pipe=False):
        # alsa-lib takes no path with a space in it.
        self.own = tempfile.TemporaryDirectory(prefix="atalaya-sounder-")
        own = pathlib.Path(self.own.name)
        self.raw, self.pid = own / f"{name}.raw", own / "pid"
        conf = own / "asound.conf"
        to = f"|echo $$ > {self.pid}; exec cat > {self.raw}" if pipe else str(self.raw)
        conf.write_text("</usr/share/alsa/alsa.conf>\npcm.quiet { type null }\n" + ("" if missing else
                        f'pcm.{name} {{ type linear slave {{ pcm {{ type file slave.pcm quiet file "{to}" format raw }} '
                        "format S16_LE } }\n"), encoding="utf-8")
        self.name, self.environment = name, {"ALSA_CONFIG_PATH": str(conf)}
        self.key = Key(own, name)

    def hang(self):
        os.kill(int(self.pid.read_text()), signal.SIGSTOP)

    def section(self, channel, radios, extra=""):
        words = ", ".join(f'"{radio}"' for radio in radios)
        return (f'transmitter "{self.name}" {{ channel = "{channel}" radios = {{{words}}} device = "{self.name}" rate_hz = {RATE_HZ}\n'
                f"persistence = 1 slot_s = 0.02 {self.key.section()}\n{extra} }}\n")

    def heard(self, *options):
        """What `atalaya decode` reads in all that was sent."""
        if not self.raw.exists():
            return []
        with self.raw.open("rb") as sound:
            out = subprocess.run([PROGRAM, "decode", "-q", "-f", "s16", "-r", str(RATE_HZ), *options, "-"], stdin=sound,
                                 capture_output=True, check=True).stdout
        return [json.loads(line) for line in out.splitlines()]


class Ear:
    """The standard input of a gateway with a source of type stdin: silence in real time, and what is put in."""

    def __init__(self):
        self.read_end, self.write_end = os.pipe()
        self.waiting, self.lock, self.stop = [], threading.Lock(), False
        self.thread = threading.Thread(target=self.feed, daemon=True)

    def start(self):
        self.thread.start()
        return self

    def feed(self):
        block, began, sent = RATE_HZ // 50, time.monotonic(), 0
        while not self.stop:
            with self.lock:
                data = self.waiting.pop(0) if self.waiting else bytes(2 * block)
            try:
                os.write(self.write_end, data)
            except (BrokenPipeError, OSError):
                return
            sent += len(data) // 2
            time.sleep(max(0.0, began + sent / RATE_HZ - time.monotonic()))

    def say(self, samples):
        """16-bit samples, as bytes."""
        step = RATE_HZ // 50 * 2
        with self.lock:
            self.waiting += [samples[i:i + step].ljust(step, b"\0") for i in range(0, len(samples), step)]

    def close(self):
        self.stop = True
        os.close(self.write_end)


def samples(folder, *lines, options=()):
    """The sound of messages, as 16-bit samples."""
    path = pathlib.Path(folder) / f"said-{time.monotonic_ns()}.wav"
    words = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    subprocess.run([PROGRAM, "encode", "-o", str(path), "-r", str(RATE_HZ), *options, *words], check=True)
    data = path.read_bytes()
    return data[data.index(b"data") + 8:]
