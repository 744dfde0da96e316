# SPDX-License-Identifier: Apache-2.0
"""A network between the gateway and its broker that can be spoiled: packets of MQTT pass, vanish, or the way is shut.

    swallow          what is sent either way vanishes, connections stay open, new ones are taken: half-open TCP
    keep_publishes   publications with an acknowledgement to come never reach the broker: it accepts and never acknowledges
    lose_pubacks     acknowledgements never reach the gateway, publications reach the broker
    shut()/open()    nobody listens
    cut()            every connection is reset
"""
import socket
import struct
import threading
import time

from fake_broker import read_packet

PUBLISH, PUBACK = 3, 4


def encoded(first, body):
    length, out = len(body), bytes([first])
    while True:
        length, digit = divmod(length, 128)
        out += bytes([digit | (0x80 if length else 0)])
        if not length:
            return out + body


def reset(ends):
    """Closes these sockets with a reset, as from a machine that has rebooted meanwhile."""
    for end in ends:
        try:
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        end.close()


class Proxy:
    def __init__(self, target):
        self.target, self.port = target, 0  # chosen at the first opening
        self.swallow = self.keep_publishes = self.lose_pubacks = False
        self.server, self.connections, self.lock = None, [], threading.Lock()
        self.vanished = 0  # packets

    def open(self):
        end = time.monotonic() + 20
        while not self.server:
            try:
                self.server = socket.create_server(("127.0.0.1", self.port), backlog=16)
            except OSError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.1)  # while it was shut, somebody else's connection was given the port
        self.port = self.server.getsockname()[1]
        threading.Thread(target=self._accept, args=(self.server,), daemon=True).start()
        return self

    def shut(self):
        if self.server:
            self.server.shutdown(socket.SHUT_RDWR)
            self.server.close()
            self.server = None
        self.cut()

    def cut(self):
        with self.lock:
            ends, self.connections = self.connections, []
        reset(ends)

    def _accept(self, server):
        while True:
            try:
                near, _ = server.accept()
            except OSError:
                return
            far = None
            if not self.swallow:
                try:
                    far = socket.create_connection(("127.0.0.1", self.target), 5)
                    far.settimeout(None)
                except OSError:
                    near.close()
                    continue
            with self.lock:
                self.connections += [near, far] if far else [near]
            threading.Thread(target=self._carry, args=(near, far, "up"), daemon=True).start()
            if far:
                threading.Thread(target=self._carry, args=(far, near, "down"), daemon=True).start()

    def _vanishes(self, first, way):
        acknowledged = first >> 4 == PUBLISH and first & 6
        return self.swallow or (way == "up" and self.keep_publishes and acknowledged) or \
            (way == "down" and self.lose_pubacks and first >> 4 == PUBACK)

    def _carry(self, source, sink, way):
        try:
            while True:
                first, body = read_packet(source)
                if self._vanishes(first, way):
                    self.vanished += 1
                elif sink:
                    sink.sendall(encoded(first, body))
        except (EOFError, OSError):
            pass
        while self.swallow:  # who hung up is not told of either
            time.sleep(0.05)
        for end in (source, sink):
            try:
                if end:
                    end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
