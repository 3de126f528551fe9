"""What a child prints: read line by line from its pipe, and the end of what a file keeps of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO

CHUNK = 1 << 16

LONGEST_LINE = 32 << 20
"""Of a longer line only the beginning is read, in bytes; its tap then says that it can't be believed."""


def lines(output: IO[bytes]) -> Iterator[tuple[bytes, bool]]:
    """The lines of a pipe as they come, and whether each is whole: of a longer one its beginning."""
    held, size, is_cut = list[bytes](), 0, False
    while chunk := output.read1(CHUNK):  # type: ignore[attr-defined]  # a pipe of Popen is buffered
        *whole, rest = chunk.split(b"\n")
        for part in whole:
            yield b"".join([*held, b"" if is_cut else part, b"\n"]), not is_cut
            held, size, is_cut = [], 0, False
        if rest and not is_cut:
            held.append(rest)
            size += len(rest)
            is_cut = size > LONGEST_LINE
    if held:
        yield b"".join(held), not is_cut


def last_lines(path: Path, count: int) -> list[str]:
    """The last lines of a text file, as far as they are in its last megabyte."""
    with path.open("rb") as file:
        file.seek(0, os.SEEK_END)
        file.seek(max(0, file.tell() - (1 << 20)))
        return file.read(1 << 20).decode("utf-8", "replace").splitlines()[-count:]
