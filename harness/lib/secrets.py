"""Which names mark a secret, and JSON without the values of such names."""

from __future__ import annotations

import re
from typing import Any

SECRET = re.compile(r"token|secret|passw|authorization|api[-_]?key|credential|cookie", re.IGNORECASE)
"""A name that has this in it names a secret."""

MASKED = "(redacted"
"""How everything begins that stands for a secret; a digest may follow."""

REDACTED = f"{MASKED})"


def redact(data: Any) -> Any:
    """The same JSON value with every secret in it replaced; what stands for one already stays."""
    if isinstance(data, dict):
        return {name: _redacted(value) if SECRET.search(str(name)) else redact(value) for name, value in data.items()}
    return [redact(value) for value in data] if isinstance(data, list) else data


def _redacted(value: Any) -> str:
    return value if isinstance(value, str) and value.startswith(MASKED) else REDACTED
