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

_WIRE = (
    *("replace", "bytes", "socketio", "msgpack", "parsers", "offsets", "listeners", "connections"),
    *("websocket", "polling", "fence"),
)
_OTHERS = (*_WIRE, "census", "side")

_SEEN = ("sight", "unseen", "readers", "beside", "rows", "lines", "dom")

PARTS = (
    "natives",
    "records",
    *_OTHERS,
    "later",
    "requests",
    "realms",
    "workers",
    "frame",
    "store",
    *_SEEN,
    "proof",
    "tap",
)
"""The parts of the script of a page, in the order of their dependencies."""

WORKER_PARTS = ("natives", *_OTHERS, "worker")
"""Those of the script of a dedicated worker, which the page puts in front of the worker's own."""


def install(context: BrowserContext, spec: PageSpec, before_worker: str = "") -> None:
    """Put the tap into every page that the context opens or loads from now on, and into its frames and workers.

    `before_worker` is run in each worker before the tap, as the context's other scripts are in pages.
    """
    context.add_init_script(script(spec, before_worker))


@cache
def script(spec: PageSpec, before_worker: str = "") -> str:
    """The whole tap as one script."""
    config = {"handle": HANDLE, "spec": spec.to_script(), "worker": f"{before_worker}\n{_joined(WORKER_PARTS)}"}
    return f'(() => {{\n"use strict";\nconst config = {json.dumps(config)};\n{_joined(PARTS)}\n}})();\n'


def _joined(parts: tuple[str, ...]) -> str:
    folder = Path(__file__).parent / "js"
    return "\n".join((folder / f"{part}.js").read_text(encoding="utf-8") for part in parts)
