"""Foreign systems that are broken on purpose: what is broken, the hop and the cause that are to be named, the record.

Each system in fixtures/targets has a `defects.toml`: a table a bug, with what it `says` of itself, the hop (or the
`hops` from … to, where hops between them are blind) and the cause; without a cause no rule knows it, and nothing is to
be claimed. Most are edits of a file (`right` becomes `wrong`; `also` has further ones), the others a target file of
their own. A `twins.toml` has systems that look like one of the bugs and are well, in the same words: they must pass.

`python -m tests.support.foreign [NAME…]` plays bugs and twins and keeps their ledgers in tests/ledgers/foreign;
`--times N [NAME…]` plays each so often, keeps nothing, and says how often it was right;
`python -m tests.support.foreign --table > docs/foreign-systems.md` writes the table from those.
"""

from __future__ import annotations

import shutil
import sys
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from harness.diagnosis import verdict_of
from harness.judging import Judged
from harness.model import Answer, Hop, Verdict
from harness.reporting import sentences
from harness.selftest.defects.keeping import keep, kept
from harness.target.file import load
from tests.support.verified import verified

SYSTEMS = Path(__file__).parents[2] / "fixtures" / "targets"
LEDGERS = Path(__file__).parents[1] / "ledgers" / "foreign"


@dataclass(frozen=True, slots=True)
class Edit:
    """`wrong` in place of `right` in one file of a system."""

    file: str
    right: str
    wrong: str


@dataclass(frozen=True, slots=True)
class Bug:
    """One bug of a system, and the truth about it: the hops `first` to `last` of the blame, and its cause."""

    system: str
    name: str
    says: str
    first: Hop
    last: Hop
    cause: str
    target: str
    edits: tuple[Edit, ...]
    beside: tuple[tuple[Hop, ...], str] | None = None
    """Of two bugs, the hops and the cause of the second."""
    is_healthy: bool = False
    """Whether it only looks like a bug: hops and cause say nothing then."""

    @property
    def id(self) -> str:
        return f"{self.system}-{self.name}"

    @property
    def hops(self) -> tuple[Hop, ...]:
        return _range(self.first, self.last)

    @property
    def ledger(self) -> Path:
        return LEDGERS / f"{self.id}.jsonl.gz"

    def is_named_by(self, verdict: Verdict) -> bool:
        """Whether a verdict tells the truth about it: first, and nothing else but a second bug."""
        if self.is_healthy:
            return verdict.answer is Answer.PASSED
        found = [(blame.hops, blame.cause) for blame in verdict.blame]
        wanted = [(self.hops, self.cause), *([self.beside] if self.beside else [])]
        return verdict.answer is Answer.FAILED and found == wanted


def bugs() -> dict[str, Bug]:
    """Every bug of every system, by its id."""
    found = [bug for file in sorted(SYSTEMS.glob("*/defects.toml")) for bug in _bugs_of(file)]
    return {bug.id: bug for bug in found}


def twins() -> dict[str, Bug]:
    """Every system that only looks like a broken one, by its id."""
    found = [twin for file in sorted(SYSTEMS.glob("*/twins.toml")) for twin in _bugs_of(file, is_healthy=True)]
    return {twin.id: twin for twin in found}


def _bugs_of(file: Path, is_healthy: bool = False) -> Iterator[Bug]:
    told: dict[str, dict[str, Any]] = tomllib.loads(file.read_text("utf-8"))
    for name, bug in told.items():
        first, last = (Hop.EMITTED, Hop.RENDERED) if is_healthy else _ends(bug)
        edits = [*([bug] if "right" in bug else []), *bug.get("also", ())]
        yield Bug(
            file.parent.name,
            name,
            bug["says"],
            first,
            last,
            bug.get("cause", "unexplained"),
            bug.get("target", "target.toml"),
            tuple(Edit(each["file"], each["right"], each["wrong"]) for each in edits),
            (_range(*_ends(bug["beside"])), bug["beside"]["cause"]) if "beside" in bug else None,
            is_healthy,
        )


def _ends(told: dict[str, Any]) -> tuple[Hop, Hop]:
    """The first and the last hop that a table names: the `hop`, or the `hops` from … to."""
    labels = {hop.label: hop for hop in Hop}
    first, last = told["hops"] if "hops" in told else (told["hop"], told["hop"])
    return labels[first], labels[last]


def _range(first: Hop, last: Hop) -> tuple[Hop, ...]:
    return tuple(hop for hop in Hop if first <= hop <= last)


def played(bug: Bug, folder: Path) -> Judged:
    """A run of the system with the bug in it. A system that is edited runs as a copy in `folder`, beside its packages.

    Raises ValueError for an edit that has lost its place.
    """
    system = SYSTEMS / bug.system
    if bug.edits:
        shutil.copytree(system, folder / bug.system)
        (folder / "node_modules").symlink_to(SYSTEMS / "node_modules")
        (folder / "package.json").write_text('{"type": "module"}')
        system = folder / bug.system
    for edit in bug.edits:
        file = system / edit.file
        text = file.read_text("utf-8")
        if edit.right not in text:
            raise ValueError(f"{bug.id}: {edit.file} has no {edit.right!r} to break")
        file.write_text(text.replace(edit.right, edit.wrong, 1), "utf-8")
    target = load(system / bug.target)
    return verified(target)


def recorded(bug: Bug) -> Verdict:
    """The verdict on the record that is kept of it."""
    with TemporaryDirectory(prefix="harness-kept-") as folder:
        return verdict_of(kept(bug.ledger, Path(folder)))


def table(all_: Iterable[Bug]) -> str:
    """The page of all bugs: system by hop, cause, and the sentence of the blame, from the records kept."""
    lines = [_HEAD, "| system | what is broken | lost or changed at | cause | what the verdict says |"]
    lines.append("| --- | --- | --- | --- | --- |")
    for bug in all_:
        verdict = recorded(bug)
        blame = verdict.blame[0] if verdict.blame else None
        hops = " to ".join(dict.fromkeys((bug.first.label, bug.last.label)))
        said = sentences.line(blame.sentence) if blame else str(verdict.answer)
        right = "" if bug.is_named_by(verdict) else " **(wrong)**"
        lines.append(f"| {bug.system} | {_cell(bug.says)} | {hops} | {bug.cause}{right} | {_cell(said)} |")
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*")


_HEAD = """# Foreign systems, broken on purpose

Small systems on other stacks than the reference system (`fixtures/targets`: aiohttp, Flask-SocketIO, Node.js, Redis),
each bug put into one of them: where it has to be found, the cause that has to be named, and what the verdict says.
*Unexplained* are bugs that no rule knows: the hop and the facts are right, and nothing is claimed. Two hops are a
range: what lies between them can't be seen there. Written by `python -m tests.support.foreign --table` from the
records in `tests/ledgers/foreign`, which `make foreign` makes anew.
"""


def chosen(names: list[str]) -> list[Bug]:
    """Bugs and twins of these names, ids or systems; all where none is named."""
    return [bug for bug in (bugs() | twins()).values() if not names or {bug.id, bug.name, bug.system} & {*names}]


def main(names: list[str]) -> int:
    """Play bugs and twins, and keep their ledgers; how many are not named rightly."""
    wrong = 0
    for bug in chosen(names):
        with TemporaryDirectory(prefix="harness-foreign-") as folder:
            judged = played(bug, Path(folder))
            keep(judged.folder / "run.ledger", bug.ledger)
        said = [(b.cause, "..".join(h.label for h in b.hops), len(b.explains)) for b in judged.verdict.blame]
        is_right = bug.is_named_by(judged.verdict)
        wrong += not is_right
        how = "right" if is_right else "WRONG"
        sys.stdout.write(f"{how} {bug.id}: {judged.verdict.answer} {said} {judged.folder}\n")
        sys.stdout.flush()
    return wrong


def repeated(times: int, names: list[str]) -> int:
    """Play each so often; how many were not always named rightly. A line for each, and each time that failed."""
    wrong = 0
    for bug in chosen(names):
        right = 0
        for _ in range(times):
            with TemporaryDirectory(prefix="harness-foreign-") as folder:
                judged = played(bug, Path(folder))
            is_right = bug.is_named_by(judged.verdict)
            right += is_right
            if not is_right:
                said = [(b.cause, [h.label for h in b.hops]) for b in judged.verdict.blame]
                sys.stdout.write(f"WRONG {bug.id}: {judged.verdict.answer} {said} {judged.folder}\n")
        wrong += right < times
        sys.stdout.write(f"{right} of {times} {bug.id}\n")
        sys.stdout.flush()
    return wrong


if __name__ == "__main__":
    if sys.argv[1:2] == ["--times"]:
        sys.exit(min(repeated(int(sys.argv[2]), sys.argv[3:]), 1))
    if sys.argv[1:] == ["--table"]:
        sys.stdout.write(table(bugs().values()))
        sys.exit(0)
    sys.exit(min(main(sys.argv[1:]), 1))
