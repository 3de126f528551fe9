"""The agent inside Node.js processes: what runs there is in `site/`, JavaScript that needs nothing but Node itself.

It speaks to the same hub as the Python agent, in the same records.
"""

from __future__ import annotations

from pathlib import Path

START = Path(__file__).parent / "site" / "start.cjs"
"""What Node loads before the program."""


def options(inherited: str) -> str:
    """NODE_OPTIONS with the agent in it, in front of what is there already; once, however often it is asked for."""
    path = str(START).replace("\\", "\\\\").replace('"', '\\"')
    ours = f'--require "{path}"'
    return inherited if ours in inherited else f"{ours} {inherited}".strip()
