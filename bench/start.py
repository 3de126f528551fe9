"""How long a person waits for `harness --help`, and for pytest because its plugin is installed."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.figures import Row, Series, below


def start(pairs: int) -> Iterable[Row]:
    """The interpreter and the command's own imports."""
    found = []
    for _ in range(pairs * 3):
        began = time.monotonic()
        subprocess.run([sys.executable, "-m", "harness", "--help"], check=True, stdout=subprocess.DEVNULL)
        found.append((time.monotonic() - began) * 1000)
    yield below("`harness --help`", Series(tuple(found), "ms"), 100)
    with TemporaryDirectory() as folder:
        (Path(folder) / "test_one.py").write_text("def test_one(): pass\n")
        costs = [_collect_ms(folder) - _collect_ms(folder, "-p", "no:harness") for _ in range(pairs * 3)]
    yield below("the pytest plugin, on the collection of one test without it", Series(tuple(costs), "ms"), 20)


def _collect_ms(folder: str, *options: str) -> float:
    began = time.monotonic()
    argv = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", *options, folder]
    subprocess.run(argv, check=True, cwd=folder, stdout=subprocess.DEVNULL)
    return (time.monotonic() - began) * 1000
