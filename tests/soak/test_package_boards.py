# SPDX-License-Identifier: Apache-2.0
"""scripts/package --arch: what tests/package/test_deb.py holds of this machine's package holds of those for boards, and they
want the same libraries. By hand: it builds everything five times and fetches libraries (ctest -R soak.package_boards)."""
import os
import pathlib
import shutil
import sys
import tempfile

import deb

if not shutil.which("mmdebstrap"):
    print("skipped: mmdebstrap is not installed")
    sys.exit(77)
with tempfile.TemporaryDirectory(prefix="atalaya-boards-") as name:
    folder = pathlib.Path(name)
    native = deb.depends(deb.build(folder / "native"))
    for board in ("arm64", "armhf"):
        os.environ["ATALAYA_SYSROOT"] = str(folder / board)
        architecture, libraries = deb.check("--arch", board)
        assert architecture == board and libraries == native, (architecture, libraries ^ native)
        print(board, "the same twice, lintian content", flush=True)
