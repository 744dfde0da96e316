#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Speaks just enough MQTT to misbehave: fake_broker.py MODE PORT.

swallow     accepts, answers pings, never acknowledges a publication
slow        acknowledges one publication after the other, each after SLOW_S
refuse      MQTT 5: acknowledges every publication with 0x87, not authorised
v311        speaks 3.1.1 only: refuses MQTT 5 with a 3.1.1 CONNACK, code 1; prints what arrives
endless     announces, to who asks for commands, one of 256 MiB, however short it was told to be; prints what arrives
close-v5    speaks 3.1.1 only: closes the connection on a CONNECT of MQTT 5; prints what arrives
not-mqtt    closes every connection at its first bytes
"""
import socket
import struct
import sys
import threading
import time

SLOW_S = 0.45
CONNECT, PUBLISH, SUBSCRIBE, PINGREQ, DISCONNECT = 1, 3, 8, 12, 14


def read_exactly(connection, count):
    data = b""
    while len(data) < count:
        piece = connection.recv(count - len(data))
        if not piece:
            raise EOFError
        data += piece
    return data


def read_packet(connection):
    first = read_exactly(connection, 1)[0]
    length, shift = 0, 0
    while True:
        byte = read_exactly(connection, 1)[0]
        length |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return first, read_exactly(connection, length)


def packet(first, body):
    assert len(body) < 128
    return bytes([first, len(body)]) + body


def connack(mode, version):
    if version == 5 and mode == "v311":
        return packet(0x20, b"\x00\x01"), False
    if version == 5 and mode == "close-v5":
        return b"", False
    return packet(0x20, b"\x00\x00\x00" if version == 5 else b"\x00\x00"), True


def publication(first, body, version):
    length = struct.unpack(">H", body[:2])[0]
    topic, rest = body[2:2 + length], body[2 + length:]
    mid = rest[:2] if (first >> 1) & 3 else b""
    rest = rest[len(mid):]
    if version == 5:
        rest = rest[1 + rest[0]:]  # properties, fewer than 128 bytes of them
    return topic.decode(), mid, rest.decode()


def serve(connection, mode):
    version = 0
    while True:
        first, body = read_packet(connection)
        kind = first >> 4
        if mode == "not-mqtt":
            return
        if kind == DISCONNECT:
            print("DISCONNECT", flush=True)
            return
        if kind == CONNECT:
            version = body[6]
            answer, go_on = connack(mode, version)
            connection.sendall(answer)
            if not go_on:
                return
        elif kind == PINGREQ:
            connection.sendall(b"\xd0\x00")
        elif kind == SUBSCRIBE:
            connection.sendall(packet(0x90, body[:2] + (b"\x00\x01" if version == 5 else b"\x01")))
            if mode == "endless" and b"/command/#" in body:
                connection.sendall(b"\x30\xff\xff\xff\x7f" + bytes(1000))
        elif kind == PUBLISH:
            topic, mid, payload = publication(first, body, version)
            print(topic, payload, flush=True)
            if mid and mode == "slow":
                time.sleep(SLOW_S)
            if mid and mode == "refuse":
                connection.sendall(packet(0x40, mid + b"\x87"))
            elif mid and mode != "swallow":
                connection.sendall(packet(0x40, mid))


def guarded(connection, mode):
    with connection:
        try:
            serve(connection, mode)
        except (EOFError, OSError, IndexError, struct.error):
            pass


def main():
    mode, port = sys.argv[1], int(sys.argv[2])
    with socket.create_server(("127.0.0.1", port)) as server:
        while True:
            connection, _ = server.accept()
            threading.Thread(target=guarded, args=(connection, mode), daemon=True).start()


if __name__ == "__main__":
    main()
