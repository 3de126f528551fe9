"""Placeholders of a target file: which there are at each place."""

from __future__ import annotations

from collections.abc import Sequence

from harness.target.file.cli import ACTS
from harness.target.file.schema import TargetFile

EVERYWHERE = {
    "python": "the Python that runs the harness",
    "here": "the target file's folder",
    "server": "address of the first Socket.IO server, as `http://127.0.0.1:3000`",
    "shared": "a fresh folder that all processes of a stack share",
    "NAME": "address of the process called NAME",
    "NAME.port": "its port",
}
OF_A_PROCESS = {"port": "its own port", "strategy": "the promised strategy", "work": "its fresh folder"}
OF_THE_CLI = {
    "task": "the task",
    "session": "a session id that no other run has",
    "work": "its fresh folder",
    "window": "how many events may be unacknowledged (in `pipe`)",
    "pass": "a pass for that session, where `[access]` makes passes",
}
OF_THE_PAGE = {
    "session": "the session that the dashboard chooses",
    "dashboard": "the dashboard's name, as A (in `open` and `session`)",
    "pass": "the dashboard's pass, where `[access]` makes passes (in `url` and `open`)",
}
OF_A_PASS = {
    "role": "whom a pass is for: `dashboard` or `producer`",
    "session": "the session that it is for, `*` for all",
    "out": "a file that is not there yet, which the pass may be written to",
}

FILLED = ("command", "pipe", "env", "folder")
FILLED_ON_THE_PAGE = ("url", "session", "open", "reroute")


def placeholders(target: TargetFile, path: Sequence[str | int]) -> set[str]:
    """The placeholders that are filled in at a place of the file; none where braces mean nothing."""
    everywhere = {"python", "here", "server", "shared"}
    everywhere |= {each for name in target.process for each in (name, f"{name}.port")}
    match list(path):
        case ["process", _, key, *_] if key in FILLED:
            return everywhere | set(OF_A_PROCESS)
        case ["access", key, *_] if key in FILLED:
            return everywhere | set(OF_A_PASS)
        case ["cli", key, *_] if key in (*FILLED, *ACTS):
            return everywhere | set(OF_THE_CLI)
        case ["page", key, *_] | ["pages", _, key, *_] if key in FILLED_ON_THE_PAGE:
            return everywhere | set(OF_THE_PAGE)
    return set()
