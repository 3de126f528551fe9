"""A hook of mkdocs: the site loads nothing from the network, not even what its search needs when opened from a folder.

A browser starts no worker from a file. Material's plugin `offline` therefore loads a stand-in from a public server;
here it is `worker.js` beside this file.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

SHIM = re.compile(r'<script src="https://[^"]*iframe-worker[^"]*"></script>')
SCRIPT = (Path(__file__).parent / "worker.js").read_text("utf-8")


def on_post_page(output: str, **_: Any) -> str:
    """Put the stand-in where the address of the other one is."""
    return SHIM.sub(lambda _: f"<script>{SCRIPT}</script>", output)


def on_post_template(output_content: str, **_: Any) -> str:
    """The same for the page of what is not there."""
    return on_post_page(output_content)
