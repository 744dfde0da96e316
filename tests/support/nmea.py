# SPDX-License-Identifier: Apache-2.0
"""NMEA 0183."""


def sentence(text):
    """A line that begins with $, with its checksum: the exclusive or of what stands between $ and *."""
    check = 0
    for byte in text[1:].encode("ascii"):
        check ^= byte
    return f"{text}*{check:02X}\r\n".encode("ascii")
