"""What one part of this world did, in its own words: a line for each deed, in a file of its own."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent / "diary"


class Diary:
    """One part's file: time in milliseconds, verb, mark of the event, and what there is to say, with tabs between."""

    def __init__(self, name: str) -> None:
        FOLDER.mkdir(exist_ok=True)
        self._lock = threading.Lock()
        self._file = (FOLDER / f"{name}.tsv").open("a", encoding="utf-8")

    def __call__(self, verb: str, mark: str, more: Any = "") -> None:
        """Write what was done, at once: who is killed has written it."""
        said = json.dumps(more, default=lambda it: it.hex() if isinstance(it, bytes) else str(it))
        with self._lock:
            self._file.write(f"{time.time() * 1000:.0f}\t{verb}\t{mark}\t{said}\n")
            self._file.flush()


def keep_of_page(page: str, body: bytes) -> None:
    """What a page wrote into its diary, which it posts to its server line by line."""
    FOLDER.mkdir(exist_ok=True)
    safe = "".join(each for each in page if each.isalnum())
    with (FOLDER / f"page-{safe}.tsv").open("ab") as file:
        file.write(body + b"\n")
