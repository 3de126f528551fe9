"""What stands at a path of names in some data. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def at(data: Any, path: str) -> Any:
    """What stands at a path of names in some data; None where nothing does."""
    for name in path.split("."):
        data = data.get(name) if isinstance(data, Mapping) else None
    return data


def list_at(data: Any, path: str) -> list[Any]:
    found = at(data, path)
    return found if isinstance(found, list) else []
