"""NumPy, imported when it is first asked for: that takes a tenth of a second, and most commands need none of it.

Modules write `if TYPE_CHECKING: import numpy as np`, `else: from harness.record import arrays as np`.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any


def __getattr__(name: str) -> Any:
    value = globals()[name] = getattr(import_module("numpy"), name)
    return value
