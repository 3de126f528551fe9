"""How a run waits: how often it looks whether that can still come, and what it says when it can't."""

from __future__ import annotations

LOOK_S = 0.25
"""How often to look, while something is waited for, whether those still run who are to bring it about."""


class RunError(Exception):
    """The run could not go on as the workload wants it; the message says what was waited for."""


class PartEnded(RunError):
    """The run can't go on: another party ended a part of it. The message says which, and by what."""
