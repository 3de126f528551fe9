"""The states of a system that git keeps, each laid out in a folder of its own: the repository itself is not touched."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from harness.lib import lifeline
from harness.lib.closing import Closing

SHORT = 9
"""Characters of a commit that tell it apart."""


class StatesError(Exception):
    """The states can't be had; the message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class State:
    """A commit, and the first line of its message."""

    commit: str
    subject: str

    @property
    def short(self) -> str:
        return self.commit[:SHORT]


def states(repository: Path, wanted: Iterable[str]) -> list[State]:
    """The states that are wanted, the oldest of each range first: `A..B` is A and every commit after it up to B.

    Of a merge its first parent is followed. Raises StatesError for what git doesn't know.
    """
    found = dict[str, None]()
    for each in wanted:
        first, dots, last = each.partition("..")
        if dots and last.startswith("."):
            raise StatesError(f"{each}: give a range as A..B, with two dots.")
        ends = [_commit(repository, name or "HEAD") for name in ((first, last) if dots else (first,))]
        found |= dict.fromkeys(ends[:1])
        if dots:
            way = ("rev-list", "--reverse", "--first-parent", f"{ends[0]}..{ends[1]}")
            found |= dict.fromkeys(git(repository, *way).split())
    return [State(commit, git(repository, "show", "--no-patch", "--format=%s", commit).strip()) for commit in found]


def _commit(repository: Path, name: str) -> str:
    try:
        return git(repository, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}").strip()
    except StatesError as error:
        if "not a git repository" in str(error):
            raise StatesError(f"{error}\nRun it in the folder of a system that git keeps.") from None
        raise StatesError(f"{name} is not a commit here; `git log --oneline` shows those that are.") from None


class Checkout(Closing):
    """A copy of a repository in a temporary folder, in which one state after the other is laid out.

    What git ignores stays from one state to the next, such as installed packages.
    """

    def __init__(self, repository: Path) -> None:
        """`repository` is a folder in a repository. Raises StatesError."""
        top = Path(git(repository, "rev-parse", "--show-toplevel").strip())
        self._folder = lifeline.folder("harness-history-")
        self._copy = self._folder / top.name
        self.work = self._copy / repository.resolve().relative_to(top.resolve())
        """The folder that stands for `repository`."""
        try:
            git(repository, "clone", "--quiet", "--shared", "--no-checkout", str(top), str(self._copy))
        except BaseException:
            self.close()
            raise

    def lay_out(self, state: State) -> None:
        """Have the files of a state, and of no other. Raises StatesError."""
        git(self._copy, "checkout", "--quiet", "--force", "--detach", state.commit)
        git(self._copy, "clean", "--quiet", "-d", "--force")
        self.work.mkdir(parents=True, exist_ok=True)  # a state may not have it yet: its command fails, and says so

    def close(self) -> None:
        """Remove the folder."""
        lifeline.remove(self._folder)


def git(folder: Path, *arguments: str) -> str:
    """What git says. Raises StatesError with its words where it fails, or is not there."""
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments], capture_output=True, check=False, stdin=subprocess.DEVNULL
        )
    except OSError as error:
        raise StatesError(f"git can't be run ({error.strerror}). Install it.") from None
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip() or f"it ended with status {done.returncode}"
        raise StatesError(f"git {arguments[0]}: {said}")
    return done.stdout.decode("utf-8", "replace")
