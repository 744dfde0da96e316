# SPDX-License-Identifier: Apache-2.0
"""An rtl_tcp server on loopback that plays samples (cu8) in real time, stalls, hangs up and comes back. samples: bytes, or
{centre in Hz: bytes}, of which it plays what it is tuned to."""
import socket
import struct
import threading
import time


class RtlServer:
    def __init__(self, rate_hz, samples=b"\x80\x7f" * 1000, loop=True):
        self.rate_hz, self.samples, self.loop = rate_hz, samples, loop
        self.stalled, self.commands = False, []
        self.by_centre = samples if isinstance(samples, dict) else {}
        if self.by_centre:
            self.samples = b"\x80\x7f" * 1000
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.client = None
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            self.client = client
            try:
                client.sendall(b"RTL0" + struct.pack(">II", 5, 29))
                self._play(client)
            except OSError:
                pass
            client.close()

    def _play(self, client):
        start, sent = time.monotonic(), 0
        lump = max(int(self.rate_hz * 0.02), 1) * 2
        while True:
            client.setblocking(False)
            try:
                data = client.recv(4096)
                if not data:
                    return
                new = [struct.unpack(">BI", data[i:i + 5]) for i in range(0, len(data) - 4, 5)]
                self.commands += new
                for command, value in new:
                    if command == 1 and self.by_centre:
                        self.samples = self.by_centre.get(value, b"\x80\x7f" * 1000)
            except BlockingIOError:
                pass
            client.setblocking(True)
            if self.stalled or time.monotonic() < start + (sent + lump) / 2 / self.rate_hz:
                time.sleep(0.005)
                continue
            at = sent % len(self.samples) if self.loop else sent
            piece = self.samples[at:at + lump]
            client.sendall(piece if piece else b"\x80" * lump)
            sent += len(piece) or lump

    def hang_up(self):
        """Closes and listens no more, until come_back."""
        self.listener.close()
        if self.client:
            try:
                self.client.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def come_back(self):
        self.listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._serve, daemon=True).start()
