"""What the commands print. Rich on a terminal (NO_COLOR is respected), plain lines elsewhere; hostile text is shown.

Rich is imported when a terminal needs it: it costs more than all of the rest.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Container, Sequence
from itertools import islice
from pathlib import Path
from textwrap import fill
from types import TracebackType
from typing import IO, TYPE_CHECKING, Self

from harness.model import Answer, Hop, Verdict
from harness.record.evidence import Evidence, names
from harness.reporting import sentences
from harness.reporting.escape import clip, visible
from harness.reporting.figures import broken, failures, hop_names

if TYPE_CHECKING:
    from rich.status import Status

HEAD = ("strategy", *(hop.label for hop in Hop), "verdict", "cause", "seconds")
_STYLE = {"passed": "green", "failed": "bold red", "unknown": "yellow"}
_CAUSE = 60
NARROW = 80
"""A terminal of fewer columns has no tables that would have to break their cells."""
_NARROW_CAUSE, _LEAST = 16, 24
"""The characters that a cause has at least in a table, and a line in a block."""


def hop_line(verdict: Verdict) -> str:
    """`emitted 10 → sent 10 → received 10 → routed 0 ✗ → delivered 0 …`; `?` where the hop is blind."""
    bad = broken(verdict) if verdict.answer is Answer.FAILED else ()
    counts = ((hop, verdict.hops.get(hop)) for hop in Hop)
    steps = (f"{hop.label} {'?' if count is None else count}{' ✗' if hop in bad else ''}" for hop, count in counts)
    return " → ".join(steps)


def verify_table(rows: Sequence[tuple[Evidence, Verdict, float]], stream: IO[str] | None = None) -> None:
    """Print strategy by hop with counts, verdict, cause and seconds."""
    out = sys.stdout if stream is None else stream
    lines = [_cells(evidence, verdict, seconds) for evidence, verdict, seconds in rows]
    if is_rich(out) and not _fits(lines, out):
        _blocks(lines, [verdict for _, verdict, _ in rows], out)
        return
    table(HEAD, lines, {*range(1, len(Hop) + 1), len(HEAD) - 1}, out)


def _width(out: IO[str]) -> int:
    from rich.console import Console

    return Console(file=out).width


def _widest(head: Sequence[str], lines: Sequence[Sequence[str]]) -> int:
    """How wide a table is whose cells are not broken."""
    widths = [max(map(len, column)) for column in zip(head, *lines, strict=True)]
    return sum(widths) + 2 * len(widths)


def _listed(head: Sequence[str], lines: Sequence[Sequence[str]], out: IO[str]) -> None:
    """Each line by itself: what its first cell says, and each other one after its column's name."""
    for first, *rest in lines:
        _styled([(first, "bold")], out)
        for title, cell in zip(head[1:], rest, strict=True):
            if cell:
                _styled([(f"  {title}: {cell}" if title else f"  {cell}", _STYLE.get(cell, ""))], out)


def _fits(lines: Sequence[Sequence[str]], out: IO[str]) -> bool:
    """Whether the table has room in the terminal; a long cause may be broken."""
    widths = [max(map(len, column)) for column in zip(HEAD, *lines, strict=True)]
    cause = HEAD.index("cause")
    widths[cause] = min(widths[cause], _NARROW_CAUSE)
    return sum(widths) + 2 * len(widths) <= _width(out)


def _blocks(lines: Sequence[Sequence[str]], verdicts: Sequence[Verdict], out: IO[str]) -> None:
    """A block for each run, where a table has no room: its verdict, and its hops in as many lines as they need."""
    width = max(_width(out), _LEAST)
    for (strategy, *_, answer, cause, seconds), verdict in zip(lines, verdicts, strict=True):
        told = "" if cause == "–" else f": {cause}"
        steps = hop_line(verdict).replace(" → ", "\n").replace(" ", "\u00a0").replace("\n", " → ")
        hops = fill(steps, width, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False)
        _styled(
            [(f"{strategy}: {answer} in {seconds} s{told}", _STYLE.get(answer, "")), (hops.replace("\u00a0", " "), "")],
            out,
        )


def table(head: Sequence[str], lines: Sequence[Sequence[str]], numbers: Container[int], out: IO[str]) -> None:
    """Print a table; `numbers` are the columns that are set to the right.

    In a narrow terminal that has no room for it, a block for each line.
    """
    if is_rich(out):
        width = _width(out)
        if width < NARROW and _widest(head, lines) > width:
            _listed(head, lines, out)
        else:
            _rich_table(head, lines, numbers, out)
        return
    widths = [max(map(len, column)) for column in zip(head, *lines, strict=True)]
    for line in (head, *lines):
        cells = enumerate(zip(line, widths, strict=True))
        say("  ".join(cell.rjust(w) if i in numbers else cell.ljust(w) for i, (cell, w) in cells).rstrip(), out)


def _cells(evidence: Evidence, verdict: Verdict, seconds: float) -> tuple[str, ...]:
    counts = ("?" if (count := verdict.hops.get(hop)) is None else str(count) for hop in Hop)
    causes = ", ".join(dict.fromkeys(each.cause for each in verdict.blame))
    cause = clip(visible(causes or (sentences.unknown(verdict.unknowns[0]) if verdict.unknowns else "")), _CAUSE)
    return (visible(evidence.contract.strategy), *counts, verdict.answer.value, cause or "–", f"{seconds:.1f}")


def _rich_table(head: Sequence[str], lines: Sequence[Sequence[str]], numbers: Container[int], out: IO[str]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    grid = Table(box=SIMPLE_HEAD, pad_edge=False)
    for index, title in enumerate(head):
        grid.add_column(title, justify="right" if index in numbers else "left", overflow="fold")
    for line in lines:  # Text, because a plain string would be read as Rich's own markup
        grid.add_row(*(Text(cell, style=_STYLE.get(cell, "")) for cell in line))
    Console(file=out).print(grid)


def noticed(evidence: Evidence, stream: IO[str] | None = None) -> None:
    """Print what a person has to see whatever the verdict: errors that a CLI told of, and ended well."""
    lines = [(f"note: {visible(clip(text, 300))}", "yellow") for text in sentences.complained(evidence)]
    if lines:
        _styled(lines, sys.stdout if stream is None else stream)


def failure(verdict: Verdict, run_dir: Path, stream: IO[str] | None = None) -> None:
    """Print why a run did not pass: the hop line, causes with evidence and remedy, what is unknown, the paths."""
    out = sys.stdout if stream is None else stream
    lines = [("", ""), (visible(sentences.headline(verdict)), _STYLE[verdict.answer.value])]
    lines.append((f"  {hop_line(verdict)}", "bold"))
    if counted := sentences.counted(verdict):
        lines.append((f"  {visible(clip(counted, 300))}", ""))
    lines += [(f"  {text}", style) for text, style in causes(verdict)]
    if not verdict.blame:
        lines += [(f"  {text}", "") for text in differing(verdict)]
    if verdict.answer is Answer.UNKNOWN:
        lines += [(f"  unknown: {visible(clip(text, 300))}", "") for text in sentences.unknowns(verdict)[:20]]
    elif verdict.unknowns:
        lines.append((f"  unproven as well, see the report: {len(verdict.unknowns)}", ""))
    lines += [(f"  {visible(clip(text, 300))}", "") for text in sentences.remarks(verdict)]
    lines += [(f"  {text}", "") for text in paths(run_dir)]
    _styled(lines, out)


def causes(verdict: Verdict) -> list[tuple[str, str]]:
    """Each cause with its evidence and remedy, as lines with the style that a terminal gives them.

    What is said of several dashboards in the same words is said once, with the evidence of all.
    """
    alike: dict[tuple[str, str, str], dict[str, None]] = {}
    for blame in verdict.blame:
        said = (blame.cause, sentences.line(blame.sentence), blame.remedy)
        alike.setdefault(said, {}).update(dict.fromkeys(sentences.evidence(blame)))
    lines = []
    for (cause, sentence, remedy), evidence in alike.items():
        lines.append((f"cause: {visible(cause)}: {visible(sentence)}", "bold"))
        lines += [(f"  {visible(clip(line, 300))}", "") for line in islice(evidence, 20)]
        told = enumerate(remedy.splitlines())
        lines += [(f"  {'        ' if i else 'remedy: '}{visible(text)}", "green") for i, text in told]
    return lines


def differing(verdict: Verdict, limit: int = 20) -> list[str]:
    """The broken promises: what became of which events at which dashboards, and why it should not have.

    Events of one fate share a line, and so do dashboards.
    """
    fates: dict[tuple[str, str, str, str | None], list[str]] = {}
    for each in failures(verdict.outcomes):
        where = f" at {hop_names(each.hops)}" if each.hops else ""
        fate = (each.kind, where, sentences.outcome(each), each.dashboard)
        fates.setdefault(fate, []).append(each.key or each.prop)
    told: dict[tuple[str, str, str, tuple[str, ...]], list[str]] = {}
    for (kind, where, detail, dashboard), keys in fates.items():
        told.setdefault((kind, where, detail, tuple(keys)), []).extend([dashboard] if dashboard else [])
    lines = []
    for (kind, where, detail, shared), labels in told.items():
        who = f" for dashboard {', '.join(labels)}" if labels else ""
        lines.append(visible(clip(f"{names(dict.fromkeys(shared))}: {kind}{where}{who}: {detail}", 240)))
    return [*lines[:limit], *([f"… and {len(lines) - limit} more"] if len(lines) > limit else [])]


PAGE_AT, RUN_AT = "page: ", "run: "


def paths(run_dir: Path) -> list[str]:
    """Where a person reads on: the run page where it was written, and the run's folder."""
    page = run_dir / "run.html"
    return [*([f"{PAGE_AT}{visible(page)}"] if page.is_file() else []), f"{RUN_AT}{visible(run_dir)}"]


def without_paths(text: str) -> str:
    """A text without the lines of `paths`: elsewhere they lead nowhere."""
    return "\n".join(line for line in text.split("\n") if not line.startswith((f"{PAGE_AT}/", f"{RUN_AT}/")))


def _styled(lines: Sequence[tuple[str, str]], out: IO[str]) -> None:
    if not is_rich(out):
        say("\n".join(text for text, _ in lines), out)
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(file=out, highlight=False)
    for text, style in lines:  # Text, because a plain string would be read as Rich's own markup
        console.print(Text(text, style=style), soft_wrap=True)


class Progress:
    """What is being done right now: a spinner on a terminal, else a line for each step, and nothing when quiet."""

    def __init__(self, quiet: bool = False, stream: IO[str] | None = None) -> None:
        self._quiet, self._out = quiet, sys.stderr if stream is None else stream
        self._started = time.monotonic()
        self._status: Status | None = None

    def step(self, text: str) -> None:
        """Say what comes next."""
        if self._quiet:
            return
        if self._status is not None:
            from rich.text import Text

            self._status.update(Text(visible(text)))
        else:
            say(f"[{time.monotonic() - self._started:6.1f} s] {visible(text)}", self._out)

    def __enter__(self) -> Self:
        self._started = time.monotonic()
        if not self._quiet and is_rich(self._out):
            from rich.console import Console

            self._status = Console(file=self._out).status("starting")
            self._status.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._status is not None:
            self._status.stop()
            self._status = None


def say(text: str, out: IO[str]) -> None:
    """Print a line; what the stream's encoding has no character for is written as its number."""
    encoding = getattr(out, "encoding", None) or "utf-8"
    out.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")
    out.flush()


def is_rich(out: IO[str]) -> bool:
    """Rich draws for a terminal that can show what it draws."""
    return out.isatty() and (getattr(out, "encoding", None) or "").lower().replace("-", "") == "utf8"
