"""The script that is put into each page before the page's own."""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from harness.taps.page.spec import PageSpec

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

HANDLE = f"__{os.urandom(8).hex()}"
"""The one property through which Python speaks to the tap in a page: another one in each run, and not enumerable."""

PARTS = (
    *("records", "replace", "socketio", "msgpack", "parsers", "listeners", "connections", "websocket", "polling"),
    *("census", "store", "dom", "proof", "tap"),
)
"""The script's parts, in the order of their dependencies."""


def install(context: BrowserContext, spec: PageSpec) -> None:
    """Put the tap into every page that the context opens or loads from now on."""
    context.add_init_script(script(spec))


@cache
def script(spec: PageSpec) -> str:
    """The whole tap as one script."""
    folder = Path(__file__).parent / "js"
    config = json.dumps({"handle": HANDLE, "spec": spec.to_script()})
    parts = "\n".join((folder / f"{part}.js").read_text(encoding="utf-8") for part in PARTS)
    return f'(() => {{\n"use strict";\nconst config = {config};\n{parts}\n}})();\n'
