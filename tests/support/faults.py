# SPDX-License-Identifier: Apache-2.0
"""The control page of the fault library (tests/support/shim/faults.c): `faults.write_errno = errno.ENOSPC`. A program started with
`faults.environment` obeys at once and until it ends."""
import mmap
import os
import pathlib
import re
import shutil
import struct
import sys
import tempfile

FOLDER = pathlib.Path(__file__).parent / "shim"
HEADER = (FOLDER / "faults.h").read_text(encoding="ascii")
FIELDS = [name for line in re.findall(r"int64_t ([^;]*);", HEADER) for name in line.split(", ")]
OURS, ALL = (int(re.search(rf"FAULTS_{name} = (\d)", HEADER).group(1)) for name in ("OURS", "ALL"))


def need():
    """Skips where it cannot work: the sanitizers bring their own malloc."""
    if os.environ.get("ATALAYA_SANITIZE"):
        print("skipped: the fault library and the sanitizers both stand before malloc")
        sys.exit(77)


class Faults:
    """disk: the folder whose files fail when told."""

    def __init__(self, disk):
        # The loader takes no path with a space in it.
        folder = pathlib.Path(tempfile.mkdtemp(prefix="atalaya-faults-"))
        object.__setattr__(self, "folder", folder)
        library = folder / "faults.so"
        shutil.copy(os.environ["ATALAYA_FAULTS_LIBRARY"], library)
        path = folder / "page"
        path.write_bytes(bytes(8 * len(FIELDS)))
        with open(path, "r+b") as file:
            object.__setattr__(self, "page", mmap.mmap(file.fileno(), 0))
        object.__setattr__(self, "environment", {"LD_PRELOAD": " ".join([str(library), os.environ.get("LD_PRELOAD", "")]), "ATALAYA_FAULTS": str(path),
                                                 "ATALAYA_FAULTS_DISK": str(disk)})

    def __getattr__(self, name):
        return struct.unpack_from("=q", self.page, 8 * FIELDS.index(name))[0]

    def __setattr__(self, name, value):
        struct.pack_into("=q", self.page, 8 * FIELDS.index(name), value)

    def clear(self):
        for name in FIELDS:
            setattr(self, name, 0)

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)
