# SPDX-License-Identifier: Apache-2.0
"""Ports for servers of a test. Drawn below the kernel's range for outgoing connections, which would else take one while its
server is being restarted, and at random, because tests run side by side."""
import random
import socket

FIRST, LAST = 12000, 32000


def free_port(kind=socket.SOCK_STREAM):
    for port in random.sample(range(FIRST, LAST), 100):
        with socket.socket(socket.AF_INET, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise RuntimeError("a hundred ports, none of them free")
