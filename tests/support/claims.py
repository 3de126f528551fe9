"""Whether some harness holds a port of this machine."""

from __future__ import annotations

import socket


def is_claimed(port: int) -> bool:
    with socket.socket(socket.AF_UNIX) as trial:
        try:
            trial.bind(f"\0harness-port-{port}")
        except OSError:
            return True
    return False
