"""What the agents and the proxy write in the place of a secret."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

REDACTED = "[redacted]"


def has_redacted(value: Any) -> bool:
    """Whether a secret was taken out of it: it can't be compared with what others saw."""
    if isinstance(value, Mapping):
        return any(has_redacted(item) for item in value.values())
    if isinstance(value, list):
        return any(has_redacted(item) for item in value)
    return isinstance(value, str) and value == REDACTED
