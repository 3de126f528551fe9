"""A target file that extends another one: what it says goes over what the other says, table by table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

WAYS = {"command", "url", "compose"}
"""How a process comes to be there: one of these."""


def over(base: Mapping[str, Any], said: Mapping[str, Any]) -> dict[str, Any]:
    """`base` with what `said` says instead. Tables are joined key by key; all else, lists too, is replaced.

    A process that runs already (`url`), or is a service (`compose`), is not started as its base is, nor the other way.
    """
    joined = dict(base)
    mine, others = {*said} & WAYS, {*joined} & WAYS
    if mine and others and mine != others:
        kept = {"serves"} if "command" in others else {*joined} - WAYS
        joined = {key: value for key, value in joined.items() if key in kept}
    for key, value in said.items():
        before = joined.get(key)
        is_table = isinstance(before, Mapping) and isinstance(value, Mapping)
        joined[key] = over(before, value) if is_table else value  # type: ignore[arg-type]  # both are, then
    return joined
