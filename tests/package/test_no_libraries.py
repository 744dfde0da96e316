# SPDX-License-Identifier: Apache-2.0
"""The libraries of a board that cannot be fetched: scripts/package --arch says so and builds nothing, and the next run does not take
the half of a tree for a whole one."""
import os
import pathlib
import subprocess
import tempfile

SOURCE = pathlib.Path(os.environ["ATALAYA_SOURCE_DIR"])

with tempfile.TemporaryDirectory(prefix="atalaya libraries ") as name:
    folder = pathlib.Path(name)
    (folder / "bin").mkdir()
    fetch = folder / "bin/mmdebstrap"
    fetch.write_text("#!/bin/sh\necho 'Mirror sync in progress?' >&2\nexit 25\n")
    fetch.chmod(0o755)
    more = {"PATH": f"{fetch.parent}:{os.environ['PATH']}", "ATALAYA_SYSROOT": str(folder / "tree")}
    for attempt in ("first", "next"):
        done = subprocess.run([SOURCE / "scripts/package", "--no-install", "--arch", "armhf", "--output", folder / "out"], text=True,
                              capture_output=True, env={**os.environ, **more})
        assert done.returncode == 25, (attempt, done)
        assert "Mirror sync" in done.stderr and "compiler" not in done.stderr, (attempt, done.stderr)
        assert not list(folder.rglob("*.deb")) and not (folder / "tree/wanted").exists()
