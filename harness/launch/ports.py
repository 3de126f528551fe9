"""Ports for processes that are told theirs: none that the system gives to somebody else before they listen there.

A process listens seconds after its port was chosen. What is chosen from the range that the system hands out (to every
`listen` at port 0 and every connection) may be handed out meanwhile; so ports are chosen below that range, and one that
a harness has claimed, another on this machine does not choose.
"""

from __future__ import annotations

import contextlib
import random
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

HANDED_OUT = Path("/proc/sys/net/ipv4/ip_local_port_range")
"""First and last port that Linux hands out (Documentation/networking/ip-sysctl.rst: 32768 and 60999 by default)."""

LOWEST, HIGHEST = 16384, 32767
"""Below what Linux hands out, and macOS and Windows, where it begins at 49152; no port that browsers refuse."""

ENOUGH = 4096
"""With fewer ports below what is handed out, as on a machine with a wider range, any port is taken that is free."""

TRIES = 256


class NoPort(OSError):
    """No port is free here."""


@contextlib.contextmanager
def claimed_port() -> Iterator[int]:
    """A port without a listener, which no other claim gives until this one ends. Raises NoPort."""
    highest = min(HIGHEST, _first_handed_out() - 1)
    choices = random.sample(range(LOWEST, highest + 1), TRIES) if highest - LOWEST >= ENOUGH else [0] * TRIES
    for choice in choices:
        if port := _free(choice):
            with _claim(port) as is_ours:
                if is_ours and _free(port):  # who claimed it before may listen by now
                    yield port
                    return
    raise NoPort(f"no port from {LOWEST} to {highest} is free: end what listens there (as `ss -ltn` shows).")


def _first_handed_out() -> int:
    """The first port that the system hands out; past all that are chosen from, where that is not known."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        return int(HANDED_OUT.read_text("utf-8").split()[0])
    return HIGHEST + 1


def _free(port: int) -> int:
    """The port, or for 0 any, if nothing listens there at any address of this machine; else 0."""
    families = [socket.AF_INET, socket.AF_INET6] if socket.has_dualstack_ipv6() else [socket.AF_INET]
    for family in families:
        with socket.socket(family) as trial:
            if family == socket.AF_INET6:
                trial.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            try:
                trial.bind(("", port))
            except OSError:
                return 0
            port = int(trial.getsockname()[1])
    return port


@contextlib.contextmanager
def _claim(port: int) -> Iterator[bool]:
    """Whether no other harness has claimed this port, while it is ours.

    A name in Linux's abstract namespace of Unix sockets is of the same network namespace as the port, and is gone with
    the process. Elsewhere nothing is claimed: chance alone keeps two from the same port.
    """
    if not sys.platform.startswith("linux"):
        yield True
        return
    with socket.socket(socket.AF_UNIX) as holder:
        try:
            holder.bind(f"\0harness-port-{port}")
            is_ours = True
        except OSError:
            is_ours = False
        yield is_ours
