# SPDX-License-Identifier: Apache-2.0
"""A client of MQTT 3.1.1 over TLS that does what no library lets one do: any topic, any will, any client id."""
import select
import socket
import ssl
import struct
import time

CONNACK, PUBLISH, PUBACK, SUBACK = 0x20, 0x30, 0x40, 0x90


class Refused(Exception):
    """The broker let nobody in."""


def text(value):
    data = value.encode()
    return struct.pack(">H", len(data)) + data


def context(authority, certificate=None, key=None, version=None):
    """version: no other of TLS than this, with whatever ciphers it has."""
    made = ssl.create_default_context(cafile=str(authority))
    if certificate:
        made.load_cert_chain(str(certificate), str(key))
    if version:
        made.set_ciphers("ALL:@SECLEVEL=0")
        made.minimum_version = made.maximum_version = version
    return made


class Client:
    """Connected when made, or Refused. will: (topic, payload), retained. One thread: it listens when it is asked."""

    def __init__(self, port, tls, name="", user=None, will=None, clean=True):
        self.arrived, self.answers, self.serial, self.rest, self.alive = [], [], 0, b"", True
        try:
            raw = socket.create_connection(("127.0.0.1", port), timeout=5)
            self.socket = tls.wrap_socket(raw, server_hostname="127.0.0.1") if tls else raw
            flags = 2 * clean + (0x2C if will else 0) + (0x80 if user else 0)
            parts = [name, *(will or ()), *([user] if user else [])]
            self._send(0x10, text("MQTT") + bytes([4, flags, 0, 60]) + b"".join(map(text, parts)))
            kind, body = self._receive()
        except OSError as error:
            raise Refused(str(error)) from None
        if kind != CONNACK or body[1]:
            raise Refused(f"CONNACK {body.hex()}")

    def _send(self, kind, body):
        length, size = len(body), b""
        while True:
            length, digit = length >> 7, length & 127
            size += bytes([digit | (128 if length else 0)])
            if not length:
                break
        self.socket.sendall(bytes([kind]) + size + body)

    def _take(self, count):
        while len(self.rest) < count:
            data = self.socket.recv(65536)
            if not data:
                raise ConnectionResetError("the broker hung up")
            self.rest += data
        data, self.rest = self.rest[:count], self.rest[count:]
        return data

    def _receive(self):
        kind, length, shift = self._take(1)[0], 0, 0
        while True:
            digit = self._take(1)[0]
            length |= (digit & 127) << shift
            shift += 7
            if digit < 128:
                return kind, self._take(length)

    def _listen(self, seconds):
        """Takes what is there, and one packet that comes within the time."""
        waiting = getattr(self.socket, "pending", int)
        try:
            while self.alive and (self.rest or waiting() or select.select([self.socket], [], [], seconds)[0]):
                seconds = 0
                kind, body = self._receive()
                if kind & 0xF0 != PUBLISH:
                    self.answers.append(kind)
                    continue
                end = 2 + struct.unpack_from(">H", body)[0]
                start = end + 2 if kind & 6 else end
                if kind & 6:
                    self._send(PUBACK, body[end:start])
                self.arrived.append((body[2:end].decode(), body[start:].decode(), bool(kind & 1)))
        except OSError:
            self.alive = False

    @property
    def heard(self):
        """(topic, payload, retained) in the order of arrival."""
        self._listen(0)
        return list(self.arrived)

    def _ask(self, kind, body, answer):
        """Sends it and waits until the broker has dealt with it; False: the broker hung up on it."""
        end = time.monotonic() + 10
        try:
            self._send(kind, body)
        except OSError:
            self.alive = False
        while self.alive and not self.answers:
            assert time.monotonic() < end, "the broker says nothing"
            self._listen(0.5)
        if not self.answers:
            return False
        assert self.answers.pop(0) == answer
        return True

    def publish(self, topic, payload, retain=False):
        self.serial += 1
        return self._ask(0x32 | retain, text(topic) + struct.pack(">H", self.serial) + payload.encode(), PUBACK)

    def subscribe(self, wanted):
        self.serial += 1
        return self._ask(0x82, struct.pack(">H", self.serial) + text(wanted) + b"\1", SUBACK)

    def die(self):
        """Without DISCONNECT: the will is due."""
        self.alive = False
        self.socket.close()

    def leave(self):
        try:
            self._send(0xE0, b"")
        except OSError:
            pass  # the broker was first
        self.die()
