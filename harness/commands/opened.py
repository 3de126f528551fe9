"""A page shown in this machine's browser."""

from __future__ import annotations

import webbrowser
from pathlib import Path


def opened(page: Path) -> None:
    """Open a page, and say where it is: on a machine without a browser that is all that can be done."""
    print(page)
    if not webbrowser.open(page.as_uri()):
        print("no browser was found here; open this file in one")
