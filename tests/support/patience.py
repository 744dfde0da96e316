# SPDX-License-Identifier: Apache-2.0
"""How long a test waits before it calls a program stuck: longer where an emulator runs it."""
import os

FACTOR = float(os.environ.get("ATALAYA_PATIENCE", "1"))


def within(seconds):
    return FACTOR * seconds
