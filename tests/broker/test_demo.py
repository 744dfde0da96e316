# SPDX-License-Identifier: Apache-2.0
"""`scripts/run` shows a distress at a dispatcher's; Ctrl-C ends all of it and leaves nothing behind."""
import os
import pathlib
import signal
import subprocess
import tempfile
import time

from tower import wait_until

SCRIPT = pathlib.Path(os.environ["ATALAYA_SOURCE_DIR"]) / "scripts/run"


def alive(group):
    """Processes of a group, zombies left out."""
    found = []
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text(encoding="utf-8", errors="replace").rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[2]) == group and fields[0] != "Z":
            found.append(stat.parent.name)
    return found


with tempfile.TemporaryDirectory(prefix="atalaya test ") as folder:
    log = pathlib.Path(folder) / "feed.log"
    with open(log, "wb") as output:
        demo = subprocess.Popen(["bash", str(SCRIPT), "--no-install"], stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                                env={**os.environ, "TMPDIR": folder}, start_new_session=True)
    try:
        wait_until(lambda: "DISTRESS delivered" in log.read_text(encoding="utf-8") or demo.poll() is not None, 240, "a distress")
        feed = log.read_text(encoding="utf-8")
        for words in ("site online", "patrol-1", "DISTRESS raised", "text to DISPATCH"):
            assert words in feed, feed
        assert feed.index("DISTRESS raised") < feed.index("DISTRESS delivered"), feed
        os.killpg(demo.pid, signal.SIGINT)
        assert demo.wait(15) == 130, log.read_text(encoding="utf-8")
        time.sleep(0.2)
        wait_until(lambda: not alive(demo.pid), 2, "nothing left running")
        assert [p.name for p in pathlib.Path(folder).iterdir()] == ["feed.log"], "left behind"
    finally:
        if demo.poll() is None:
            os.killpg(demo.pid, signal.SIGKILL)
            demo.wait()
