"""Plays the defects named on standard input, a line of result each: `python -m harness.selftest.defects.worker`."""

from __future__ import annotations

import signal
import sys

from harness.lib import lifeline
from harness.selftest.defects.catalogue import catalogue
from harness.selftest.defects.playing import Player, impatient
from harness.target.reference import reference


def main() -> None:
    """Play until the input ends. SIGTERM ends everything, too, from the first moment on.

    The terminal's Ctrl-C is the parent's to act on.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: lifeline.stop_here(1))
    known = {each.id: each for each in catalogue()}
    with Player(impatient(reference())) as player:
        for line in sys.stdin:
            repetition, _, name = line.strip().partition(" ")
            sys.stdout.write(player.play(known[name], int(repetition)).to_line() + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
