"""Passes for dashboards and producers, made by the system's own command. What a pass says is told to no other party."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from harness.lib import lifeline
from harness.target.process import Command, TargetError

ALL = "*"
"""The session of a pass that is for all of them."""

LONGEST = 100_000
"""Bytes: what is longer is not a pass."""


def make_pass(command: Command, role: str, session: str, values: Mapping[str, str], timeout_s: float) -> str:
    """A pass for a role and a session. Raises TargetError where the command makes none; its output is never quoted."""
    with lifeline.temporary("pass-") as folder:
        out = folder / "pass"
        known = {**values, "role": role, "session": session, "out": str(out)}
        argv, env = command.fill(**known), {**os.environ, **command.fill_env(**known)}
        told = f"access.command ({Path(argv[0]).name}) makes no pass for a {role}"
        try:
            done = subprocess.run(
                argv, cwd=command.cwd or folder, env={**env, lifeline.OWNER: lifeline.token()},
                stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout_s, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise TargetError(f"{told}: it did not end within {timeout_s:g} s (bounds.ready_s).") from None
        except OSError as error:
            raise TargetError(f"{told}: {error.strerror}.") from None
        if done.returncode != 0:
            raise TargetError(f"{told}: it ended with status {done.returncode}. Try it by hand to see what it says.")
        data = (out.read_bytes() if out.is_file() else done.stdout).strip()
    if not data or len(data) > LONGEST or b"\n" in data or not data.isascii() or not data.decode().isprintable():
        raise TargetError(f"{told}: one line of printable ASCII is wanted, printed or written to {{out}}.")
    return data.decode()
