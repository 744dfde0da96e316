# SPDX-License-Identifier: Apache-2.0
"""A test, and all that it starts, on clocks that go faster (tests/support/shim/speed.c)."""
import atexit
import os
import pathlib
import shutil
import sys
import tempfile
import time

CLOCKS = time.CLOCK_MONOTONIC, time.CLOCK_BOOTTIME, time.CLOCK_REALTIME


def environment(folder, times):
    """folder: where the library is copied to, without a space in its path."""
    library = shutil.copy(os.environ["ATALAYA_SPEED_LIBRARY"], folder)
    return {"LD_PRELOAD": library, "ATALAYA_SPEED": " ".join(map(str, [times, *map(time.clock_gettime_ns, CLOCKS)]))}


def run_at(times):
    """This program from its beginning, if it does not run so already."""
    if times == 1:
        return
    if "ATALAYA_SPEED" in os.environ:
        atexit.register(shutil.rmtree, pathlib.Path(os.environ["LD_PRELOAD"]).parent, True)
        return
    folder = tempfile.mkdtemp(prefix="atalaya-speed-")
    os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **environment(folder, times)})
