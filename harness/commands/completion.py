"""`harness completion bash`: what a shell needs to complete commands, options, names and stored runs at a tab."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from harness.commands.exits import Exit
from harness.commands.parser import parser

_NAMES = """$(cd "${HARNESS_RUNS:-reports/runs}" 2>/dev/null && command ls -d -- */ 2>/dev/null | tr -d /)"""
_RUNS = {
    "bash": f"""_harness_runs() {{
  compgen -W "last {_NAMES}" -- "$1"
}}""",
    "zsh": f"""_harness_runs() {{
  compadd last ${{(f)"{_NAMES}"}}
  _files
}}""",
}
"""A run is named as commands take it: by `last`, by its name among all runs, or by its folder (bash's own default)."""


def main(arguments: argparse.Namespace) -> int:
    """Print the script; the help of the command says where it goes."""
    print(script(arguments.shell))
    return int(Exit.AS_PROMISED)


def script(shell: str) -> str:
    """The script for a shell: `bash` or `zsh`."""
    import shtab

    top = parser()
    for action in _actions(top):
        if (names := getattr(action.type, "names", None)) is not None:
            action.choices = names
        elif action.metavar == "RUN":
            action.complete = dict.fromkeys(_RUNS, "_harness_runs")  # type: ignore[attr-defined]  # shtab reads it
            action.nargs = "+" if isinstance(action.nargs, int) else action.nargs  # of several, shtab's zsh knows one
        elif action.metavar in ("FOLDER", "DIR"):
            action.complete = shtab.DIRECTORY  # type: ignore[attr-defined]
        elif action.type is Path or action.metavar == "FILE":
            action.complete = shtab.FILE  # type: ignore[attr-defined]
    # What shtab (1.13) writes for several arguments of a kind, `(*):`, is one that excludes the others to zsh.
    return str(shtab.complete(top, shell, preamble=_RUNS[shell])).replace('"(*):', '"*:')


def _actions(command: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """Every argument of a command and of the commands in it."""
    for action in command._actions:  # argparse has no public way to them
        if isinstance(action, argparse._SubParsersAction):
            for inner in action.choices.values():
                yield from _actions(inner)
        else:
            yield action
