# SPDX-License-Identifier: Apache-2.0
"""Hardening is proven on the binary: flags can be dropped silently, segments and symbols cannot."""
import os
import re
import subprocess
import sys

if os.environ.get("ATALAYA_HARDENING") != "ON":
    print("not a hardened build: skipped")
    sys.exit(77)

program = os.environ["ATALAYA_PROGRAM"]


def readelf(*flags):
    return subprocess.run(["readelf", "-W", *flags, program], check=True, capture_output=True, text=True).stdout


header, segments, dynamic = readelf("-h"), readelf("-l"), readelf("-d")
symbols = readelf("--dyn-syms")
checks = {
    "position independent": re.search(r"Type:\s+DYN", header),
    "read-only relocations": "GNU_RELRO" in segments,
    "bound at start": re.search(r"BIND_NOW|FLAGS.*NOW", dynamic),
    "stack not executable": re.search(r"GNU_STACK.*\bRW\b", segments),
    "no segment writable and executable": not re.search(r"LOAD.*\bRWE\b", segments),
    "stack protector": "__stack_chk_fail" in symbols,
    "fortified library calls": re.search(r"__\w+_chk@", symbols),
    "no run path": not re.search(r"R(UN)?PATH", dynamic),
}
if "X86-64" in header:
    # The note of the whole program needs a C library built the same way, which Debian 12 lacks: look at our own code.
    start = subprocess.run(["objdump", "-d", "--no-show-raw-insn", "--disassemble=main", program], check=True,
                           capture_output=True, text=True).stdout
    checks["control-flow protection"] = re.search(r"<main>:\s+\S+\s+endbr64", start)
missing = [name for name, held in checks.items() if not held]
for name in checks:
    print(("MISSING " if name in missing else "ok      ") + name)
sys.exit(1 if missing else 0)
