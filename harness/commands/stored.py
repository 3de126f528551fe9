"""Which stored run an argument names, and which of them failed last."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from harness.extensions import nearest
from harness.lib import documents
from harness.locations import runs
from harness.record.ledger import find


class ChoiceError(Exception):
    """What an argument names isn't there; the message says what is."""


LAST = "last"
"""What stands for the run that was made last."""


def chosen_run(text: str) -> Path:
    """The folder of a stored run: the last one, one by its folder, or one by its name among all. Raises ChoiceError."""
    made = sorted((find(each) for each in runs().glob("*") if find(each).is_file()), key=_made_at)
    if text == LAST:
        if not made:
            raise ChoiceError(f"there is no run in {runs()} yet: make one, as `harness verify` does.")
        return made[-1].parent
    for folder in (Path(text), runs() / text):
        if find(folder).is_file():
            return folder
    if not made:
        raise ChoiceError(f"{text} is not the folder of a run, and {runs()} has none yet: `harness verify` makes some.")
    names = [each.parent.name for each in made]
    raise ChoiceError(f"{text} is not the folder of a run, and not one in {runs()}{nearest(text, [LAST, *names])}")


def named_run(text: str) -> Path:
    """What lies at a path, whatever it is, so that it can be said what is wrong with it; else the run of that name."""
    return Path(text) if Path(text).exists() else chosen_run(text)


def _made_at(ledger: Path) -> float:
    return ledger.stat().st_mtime


def last_failed(target: str, strategies: Sequence[str], folder: Path) -> tuple[str, ...]:
    """Of some strategies those whose last run of a target, as `folder` has them, did not pass."""
    last: dict[str, tuple[float, str]] = {}
    for kept in folder.glob("*/verdict.json"):
        try:
            run = documents.read(kept).value
            strategy, at_s = str(run["strategy"]), kept.stat().st_mtime
            is_verified = run["target"] == target and kept.parent.name.startswith(f"{strategy}-")
            if is_verified and at_s >= last.get(strategy, (0.0, ""))[0]:
                last[strategy] = (at_s, str(run["verdict"]))
        except (OSError, ValueError, KeyError, TypeError):
            continue  # a run that was broken off, or is of another version
    return tuple(each for each in strategies if last.get(each, (0.0, "passed"))[1] != "passed")
