"""A target file that extends another one: what it says goes over what the other says, table by table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def over(base: Mapping[str, Any], said: Mapping[str, Any]) -> dict[str, Any]:
    """`base` with what `said` says instead. Tables are joined key by key; all else, lists too, is replaced.

    A process that runs already (`url`) is not started as its base is, and the other way round.
    """
    joined = dict(base)
    if "url" in said and "command" in joined:
        joined = {key: value for key, value in joined.items() if key == "serves"}
    if "command" in said and "url" in joined:
        del joined["url"]
    for key, value in said.items():
        before = joined.get(key)
        is_table = isinstance(before, Mapping) and isinstance(value, Mapping)
        joined[key] = over(before, value) if is_table else value  # type: ignore[arg-type]  # both are, then
    return joined
