"""The result of a mutation run as a page: `python -m tests.support.survivors docs/mutants.md`, after `mutmut run`.

A survivor is a change of the source that no test noticed. It is *wording* where it changes but the words that a reader
of the report sees, or how many lines of the evidence are quoted; *equivalent* where EQUIVALENT says why nothing that it
does can be seen; otherwise it is *open*.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.support.equivalents import EQUIVALENT

MUTANTS = Path("mutants")
KILLED, SURVIVED, UNTESTED = {1, 3}, {0}, {5, 33}
TIMED_OUT = {-24, 24, 36, 152, 255}
"""Exit codes of a mutant's tests (mutmut 3, stats.py); None is one that was not run."""

SENTENCE = re.compile(r"""f?"[^"]*"|f?'[^']*'""")
QUOTED = re.compile(r"""(?<=\))\[:\d+\]|(^for .*)\[:\d+\]$|(f".*)\[-?\d*:\d*\]""")
"""The first of a list that was made for it, or a part of one in a text: so rules say how much evidence is enough."""


@dataclass(frozen=True, slots=True)
class Survivor:
    """One mutant that lived: its module, and the line as it was and as it became."""

    module: str
    name: str
    before: str
    after: str

    @property
    def fate(self) -> str:
        """`wording`, `open`, or the reason why it is equivalent."""
        if (reason := EQUIVALENT.get((self.before, self.after))) is not None:
            return reason
        return "wording" if is_wording(self.before, self.after) else "open"


def is_wording(before: str, after: str) -> bool:
    """Whether two lines differ only inside texts that have a space in them, or in how much is quoted.

    Texts with a space are sentences, as opposed to names.
    """
    if QUOTED.sub(r"\1\2[]", before) == QUOTED.sub(r"\1\2[]", after):
        return before != after
    texts, others = SENTENCE.findall(before), SENTENCE.findall(after)
    if len(texts) != len(others) or SENTENCE.sub("", before) != SENTENCE.sub("", after):
        return False
    return all(" " in text for text, other in zip(texts, others, strict=True) if text != other)


def changed(diff: str) -> tuple[str, str]:
    """The removed and the added lines of a unified diff, each joined and without indentation."""
    lines = diff.splitlines()[2:]
    return tuple(  # type: ignore[return-value]
        " ".join(line[1:].strip() for line in lines if line.startswith(sign)) for sign in "-+"
    )


def results() -> Iterator[tuple[str, dict[str, int | None]]]:
    """Every mutated module with the exit codes of its mutants."""
    for meta in sorted(MUTANTS.rglob("*.py.meta")):
        codes = json.loads(meta.read_text())["exit_code_by_key"]
        if codes:
            yield str(meta.relative_to(MUTANTS)).removesuffix(".meta"), codes


def survivors(module: str, codes: dict[str, int | None]) -> Iterator[Survivor]:
    """The survivors of a module with what they changed."""
    from mutmut.mutation.diff_apply import get_diff_for_mutant

    for name in (name for name, code in codes.items() if code in SURVIVED):
        yield Survivor(module, name.rpartition(".")[2], *changed(get_diff_for_mutant(name, path=Path(module))))


def page(found: Iterable[tuple[str, dict[str, int | None]]]) -> Iterator[str]:
    """The lines of the page."""
    yield "# Mutants"
    yield ""
    yield "What the tests of the judge notice when its source is changed. Written by `make mutants` on"
    yield f"{time.strftime('%Y-%m-%d')}. *Wording* changes but a sentence of the report, or how much evidence it"
    yield "quotes; *equivalent* mutants are below, each with its reason; *open* ones are neither killed nor explained."
    yield ""
    yield "| module | mutants | killed | timed out | no test | wording | equivalent | open | not run |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    total, listed = Counter[str](), list[Survivor]()
    for module, codes in found:
        lived = list(survivors(module, codes))
        figures = _figures(codes, lived)
        total.update(figures)
        listed += lived
        yield _row(module, figures)
    yield _row("all", total)
    for title, fates in (("Equivalent", set(EQUIVALENT.values())), ("Open", {"open"})):
        yield from _list(title, [each for each in listed if each.fate in fates])


COLUMNS = ("mutants", "killed", "timed out", "no test", "wording", "equivalent", "open", "not run")


def _figures(codes: dict[str, int | None], lived: list[Survivor]) -> Counter[str]:
    fates = Counter(each.fate if each.fate in ("wording", "open") else "equivalent" for each in lived)
    return Counter(
        {
            "mutants": len(codes),
            "killed": sum(code in KILLED for code in codes.values()),
            "timed out": sum(code in TIMED_OUT for code in codes.values()),
            "no test": sum(code in UNTESTED for code in codes.values()),
            "not run": sum(code is None for code in codes.values()),
            **fates,
        }
    )


def _row(name: str, figures: Counter[str]) -> str:
    return f"| {' | '.join([name, *(str(figures[column]) for column in COLUMNS)])} |"


def _list(title: str, chosen: list[Survivor]) -> Iterator[str]:
    if not chosen:
        return
    yield from ("", f"## {title}", "", "| where | was | became | why |", "| --- | --- | --- | --- |")
    for each in chosen:
        was, became = (text.replace("|", "\\|") for text in (each.before, each.after))
        why = "" if each.fate == "open" else each.fate
        yield f"| {each.module} {each.name} | `{was}` | `{became}` | {why} |"


def main(target: str) -> int:
    """Write the page; status 1 as long as a mutant is open."""
    lines = list(page(results()))
    Path(target).write_text("\n".join(lines) + "\n")
    return int("## Open" in lines)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
