"""Tries the worlds whose seeds are on standard input: `python -m harness.selftest.worlds.worker`."""

from __future__ import annotations

import signal
import sys

from harness.lib import lifeline
from harness.selftest.worlds.draw import draw
from harness.selftest.worlds.play import Player
from harness.selftest.worlds.trial import attempt


def main() -> None:
    """Try until the input ends. SIGTERM ends everything, too, from the first moment on.

    The terminal's Ctrl-C is the parent's to act on.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: lifeline.stop_here(1))
    with Player() as player:
        for line in sys.stdin:
            sys.stdout.write(attempt(player, draw(int(line))).to_line() + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
