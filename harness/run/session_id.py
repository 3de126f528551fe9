"""Session ids of the harness's own runs."""

from __future__ import annotations

import secrets
import time


def new_session_id() -> str:
    """A session id as the CLI makes them: `do_<date>_<time>_<8 hex>`."""
    return f"do_{time.strftime('%Y%m%d_%H%M%S')}_{secrets.token_hex(4)}"
