"""A target file that extends another one: what it says goes over what the other says, table by table."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any


def over(base: Mapping[str, Any], said: Mapping[str, Any]) -> dict[str, Any]:
    """`base` with what `said` says instead. Tables are joined key by key; all else, lists too, is replaced."""
    joined = dict(base)
    for key, value in said.items():
        before = joined.get(key)
        is_table = isinstance(before, Mapping) and isinstance(value, Mapping)
        joined[key] = over(before, value) if is_table else value  # type: ignore[arg-type]  # both are, then
    return joined


def home(path: Path, extends: str | None) -> Path:
    """The file whose folder is `{here}`, and where folders start: the one that is extended."""
    return path if extends is None else path.parent / extends
