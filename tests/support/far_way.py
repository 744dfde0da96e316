# SPDX-License-Identifier: Apache-2.0
"""A way to a broker that takes its time, as a satellite's does: everything arrives delay_s later, and cut() resets all connections."""
import collections
import socket
import threading
import time

from proxy import reset


class FarWay:
    def __init__(self, target, delay_s):
        self.target, self.delay_s, self.ends, self.lock = target, delay_s, [], threading.Lock()
        self.server = socket.create_server(("127.0.0.1", 0), backlog=16)
        self.port = self.server.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                near, _ = self.server.accept()
                far = socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                return
            with self.lock:
                self.ends += [near, far]
            for one, other in ((near, far), (far, near)):
                on_its_way, arrives = collections.deque(), threading.Condition()
                threading.Thread(target=self._read, args=(one, on_its_way, arrives), daemon=True).start()
                threading.Thread(target=self._write, args=(other, on_its_way, arrives), daemon=True).start()

    def _read(self, end, on_its_way, arrives):
        data = b"."
        while data:
            try:
                data = end.recv(65536)
            except OSError:
                data = b""
            with arrives:
                on_its_way.append((time.monotonic() + self.delay_s, data))
                arrives.notify()

    @staticmethod
    def _write(end, on_its_way, arrives):
        while True:
            with arrives:
                arrives.wait_for(lambda: on_its_way)
                due, data = on_its_way.popleft()
            time.sleep(max(0.0, due - time.monotonic()))
            if not data:
                return
            try:
                end.sendall(data)
            except OSError:
                return

    def cut(self):
        with self.lock:
            ends, self.ends = self.ends, []
        reset(ends)

    def close(self):
        self.server.close()
        self.cut()
