"""Lines out of a stream that comes in pieces."""

from __future__ import annotations

LONGEST_BYTES = 128 * 1024 * 1024
"""Of one line; a Socket.IO message that a server takes has 1 MB unless it allows more."""


class LineTooLong(ValueError):
    """A line is longer than what is kept for one. It is dropped to its end; those after it come."""


class Lines:
    """Cuts a stream of bytes into lines. A line may be 1 MB long: what was searched once is not searched again."""

    def __init__(self, longest: int = LONGEST_BYTES) -> None:
        self._waiting = bytearray()
        self._searched = 0
        self._longest = longest
        self._is_dropping = False

    def cut(self, chunk: bytes) -> list[bytes]:
        """The lines that `chunk` completes, without their ends. Raises LineTooLong once for a line that is."""
        if self._is_dropping:
            _, end, chunk = chunk.partition(b"\n")
            self._is_dropping = not end
        waiting = self._waiting
        waiting += chunk
        end_at = waiting.rfind(b"\n", self._searched)
        if end_at < 0:
            self._searched = len(waiting)
            if len(waiting) > self._longest:
                self._waiting, self._searched, self._is_dropping = bytearray(), 0, True
                raise LineTooLong(f"a line of it is longer than {self._longest} bytes")
            return []
        lines = bytes(waiting[:end_at]).split(b"\n")
        del waiting[: end_at + 1]
        self._searched = len(waiting)
        return lines
