# SPDX-License-Identifier: Apache-2.0
"""A TNC behind a TCP port on loopback, as Dire Wolf and SoundModem are: one client, no greeting. It says what it is told to,
keeps what it hears, hangs up or resets the connection, goes away and comes back."""
import socket
import struct

from ports import free_port


class KissServer:
    def __init__(self, host="127.0.0.1"):
        self.host, self.port, self.listener, self.client, self.heard = host, free_port(), None, None, b""
        self.listen()

    def listen(self):
        self.listener = socket.create_server((self.host, self.port))
        self.listener.setblocking(False)

    def is_called(self):
        """Is a client there? Takes one that waits."""
        if self.client is None:
            try:
                self.client, _ = self.listener.accept()
                self.client.setblocking(False)
            except BlockingIOError:
                pass
        return self.client is not None

    def say(self, data):
        self.client.sendall(data)

    def read(self):
        """All that this client has sent so far."""
        try:
            while data := self.client.recv(4096):
                self.heard += data
        except BlockingIOError:
            pass
        return self.heard

    def hang_up(self, reset=False):
        if self.client is None:
            return
        if reset:
            self.client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.client.close()
        self.client, self.heard = None, b""

    def go(self, reset=False):
        """Nobody listens any more, until listen()."""
        self.listener.close()
        self.hang_up(reset)
