"""The `harness` command. Until its commands listen to signals themselves (`lib/interruption.py`), this does."""

import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command that the arguments name; its exit status. What is long to import is imported here."""
    if argv is None and sys.argv[1:2] != ["shannon"]:  # which is a program of its own
        for number in (signal.SIGINT, signal.SIGTERM):
            if signal.getsignal(number) is not signal.SIG_IGN:  # as a shell says for what runs in its background
                signal.signal(number, _end)
    from harness.commands.parser import main as run

    return run(argv)


def _end(number: int, _: FrameType | None) -> None:
    """End at once: nothing runs yet, or nothing runs any more, and an import that is broken off has nothing to say."""
    told = f"harness: interrupted by {signal.Signals(number).name}; everything that was started is stopped\n"
    os.write(2, told.encode())
    os._exit(130)


if __name__ == "__main__":
    sys.exit(main())
