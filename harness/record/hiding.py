"""A ledger without what turned out to be secret only after it had been written: its texts are cleaned, in place.

What refers to a text does so by its place, so that nothing else of a block changes; every block is sealed anew.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from harness.record.blocks import END, FIRST_LINE, RECORDS, Sealer, blocks
from harness.record.sections import HEAD, TEXTS, Section, joined, lines, parted, texts

SAID = (Section.DETAILS, Section.DATA, Section.PAYLOADS)
"""The sections that hold what parties said. Keys and names say which event is which, and are not data."""


def hide(path: Path, clean: Callable[[str], str]) -> None:
    """Take secrets out of a complete ledger; `clean` takes them out of one JSON text, and puts in what needs no escape.

    Raises ValueError where a block can't be read; the file is then as it was.
    """
    cleaned, sealer, is_complete = path.with_name(f"{path.name}.cleaned"), Sealer(), False
    try:
        with path.open("rb") as file, cleaned.open("wb") as out:
            out.write(file.read(len(FIRST_LINE)))
            for block in blocks(file):
                body = _cleaned(block.body, clean) if block.kind == RECORDS else block.body
                if block.kind:
                    out.write(sealer.block(block.kind, body))
                is_complete = block.kind == END or (is_complete and not block.kind)
        if not is_complete:
            raise ValueError(f"{path}: it is not whole")
        cleaned.replace(path)
    finally:
        cleaned.unlink(missing_ok=True)


def _cleaned(body: bytes, clean: Callable[[str], str]) -> bytes:
    sections = []
    for number, form, count, width, base, data in parted(body):
        if form == TEXTS and number in SAID:
            sections.append(texts(Section(number), _all(lines(count, width, data), clean)))
        else:
            sections.append(HEAD.pack(number, form, count, width, base, len(data)) + bytes(data))
    return joined(sections)


def _all(said: list[bytes], clean: Callable[[str], str]) -> list[str]:
    """Many texts at once, which is by far quicker than one by one; not where something was taken out across two."""
    plain = [each.decode() for each in said]
    together = clean("\n".join(plain)).split("\n")
    return together if len(together) == len(plain) else [*map(clean, plain)]
