# SPDX-License-Identifier: Apache-2.0
"""What a KISS TNC sends for a frame of AX.25."""
FEND, FESC, TFEND, TFESC = 0xC0, 0xDB, 0xDC, 0xDD


def address(call, last):
    """AX.25 2.2, 3.12: six shifted letters, then SSID."""
    name, _, ssid = call.partition("-")
    return bytes(ord(c) << 1 for c in name.ljust(6)) + bytes([0x60 | int(ssid or 0) << 1 | last])


def kiss(call, words):
    """A UI frame in KISS: data for port 0, FEND and FESC escaped."""
    frame = address("APZATL", 0) + address(call, 1) + b"\x03\xf0" + words.encode("ascii")
    body = b"".join({FEND: bytes([FESC, TFEND]), FESC: bytes([FESC, TFESC])}.get(b, bytes([b])) for b in b"\x00" + frame)
    return bytes([FEND]) + body + bytes([FEND])
