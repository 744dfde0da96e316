# SPDX-License-Identifier: Apache-2.0
"""Frames as a KISS TNC gives them."""
FEND, FESC, TFEND, TFESC = 0xC0, 0xDB, 0xDC, 0xDD
EMERGENCY = ("234U6T", "`(_fn\"Oj/hurt")  # Mic-E: destination and text


def address(call, last):
    """AX.25 2.2, 3.12: six shifted letters, then SSID."""
    name, _, ssid = call.partition("-")
    return bytes(ord(c) << 1 for c in name.ljust(6)) + bytes([0x60 | int(ssid or 0) << 1 | last])


def frame(call, words, to="APZATL"):
    """A UI frame: data for port 0, FEND and FESC escaped."""
    body = b"\x00" + address(to, 0) + address(call, 1) + b"\x03\xf0" + words.encode("ascii")
    return bytes([FEND]) + body.replace(b"\xdb", b"\xdb\xdd").replace(b"\xc0", b"\xdb\xdc") + bytes([FEND])


def emergency(call):
    return frame(call, EMERGENCY[1], EMERGENCY[0])
