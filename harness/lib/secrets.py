"""Which names mark a secret, and JSON without the values of such names."""

from __future__ import annotations

import re
from typing import Any

SECRET = re.compile(r"token|secret|passw|authorization|api[-_]?key|credential", re.IGNORECASE)
"""A name that has this in it names a secret."""

REDACTED = "(redacted)"


def redact(data: Any) -> Any:
    """The same JSON value with every secret in it replaced."""
    if isinstance(data, dict):
        return {name: REDACTED if SECRET.search(str(name)) else redact(value) for name, value in data.items()}
    return [redact(value) for value in data] if isinstance(data, list) else data
