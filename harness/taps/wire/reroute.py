"""Addresses that are written into a page: rewritten in the page itself, before anything is asked of the network."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path


def reroute_script(origins: Mapping[str, str]) -> str:
    """A script to put into each page before its own and before the tap's: requests for one origin go to another.

    `origins` maps origins as `http://localhost:5000` to those that answer for them. WebSocket addresses are meant too,
    for `ws:` counts as `http:` and `wss:` as `https:`.
    """
    table = json.dumps({_origin(old): _origin(new) for old, new in origins.items()})
    return f'(() => {{\n"use strict";\nconst origins = {table};\n{_source()}\n}})();\n'


def _origin(text: str) -> str:
    return text.rstrip("/").replace("ws:", "http:", 1).replace("wss:", "https:", 1)


@cache
def _source() -> str:
    return (Path(__file__).parent / "reroute.js").read_text(encoding="utf-8")
