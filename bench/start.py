"""How long a person waits for `harness --help`."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterable

from bench.figures import Row, Series, below


def start(pairs: int) -> Iterable[Row]:
    """The interpreter and the command's own imports."""
    found = []
    for _ in range(pairs * 3):
        began = time.monotonic()
        subprocess.run([sys.executable, "-m", "harness", "--help"], check=True, stdout=subprocess.DEVNULL)
        found.append((time.monotonic() - began) * 1000)
    yield below("`harness --help`", Series(tuple(found), "ms"), 100)
