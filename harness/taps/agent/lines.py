"""Lines out of a stream that comes in pieces."""

from __future__ import annotations


class Lines:
    """Cuts a stream of bytes into lines. A line may be 1 MB long: what was searched once is not searched again."""

    def __init__(self) -> None:
        self._waiting = bytearray()
        self._searched = 0

    def cut(self, chunk: bytes) -> list[bytes]:
        """The lines that `chunk` completes, without their ends."""
        waiting = self._waiting
        waiting += chunk
        end = waiting.rfind(b"\n", self._searched)
        if end < 0:
            self._searched = len(waiting)
            return []
        lines = bytes(waiting[:end]).split(b"\n")
        del waiting[: end + 1]
        self._searched = len(waiting)
        return lines
