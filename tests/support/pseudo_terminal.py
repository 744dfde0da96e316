# SPDX-License-Identifier: Apache-2.0
"""A serial device that comes and goes: a pseudo-terminal behind a link, as udev makes one."""
import contextlib
import os
import pathlib
import select
import termios


class PluggedPort:
    """plug() and unplug() the device at `path`; `end` is the far side, read() what was said there."""

    def __init__(self, path):
        self.path, self.end, self.heard = path, None, b""

    def plug(self):
        self.end, near = os.openpty()
        settings = termios.tcgetattr(near)
        settings[3] &= ~termios.ECHO  # until the gateway has made it raw
        termios.tcsetattr(near, termios.TCSANOW, settings)
        self.path.symlink_to(os.ttyname(near))
        os.close(near)

    def unplug(self):
        self.path.unlink(missing_ok=True)
        if self.end is not None:
            os.close(self.end)
        self.end = None

    def read(self):
        """All that came so far, into `heard`, which the test may empty."""
        while self.end is not None and select.select([self.end], [], [], 0)[0]:
            self.heard += os.read(self.end, 4096)
        return self.heard

    def is_held(self, process):
        """Has the process the device open?"""
        device = os.path.realpath(self.path)
        found = False
        for fd in pathlib.Path(f"/proc/{process.pid}/fd").iterdir():
            with contextlib.suppress(FileNotFoundError):
                found = found or os.readlink(fd) == device
        return found
