"""Where the hub's socket lies: a Unix socket's path has about 100 characters at most, and TMPDIR may be longer."""

from __future__ import annotations

import tempfile
from pathlib import Path

SHORT = "/tmp"  # noqa: S108  # a private folder is made in it
MOST_LETTERS = 60


def short_folder() -> str | None:
    """Where the socket's folder is made; None where all temporary files are."""
    return SHORT if len(tempfile.gettempdir()) > MOST_LETTERS and Path(SHORT).is_dir() else None
