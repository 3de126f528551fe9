"""`harness gate`: runs against what was accepted; the status says whether they are as good. See docs/gate.md."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from harness.commands.exits import Exit
from harness.commands.stored import named_run
from harness.gate.baseline import Baseline, accept, parsed, written
from harness.gate.comparison import Comparison, Weight, compare
from harness.gate.observed import GateError, Observed, observe
from harness.lib import documents
from harness.record.ledger import find
from harness.reporting.escape import visible

_MARK = {Weight.WORSE: "✗", Weight.UNKNOWN: "?", Weight.EXPIRED: "✗", Weight.KNOWN: "~"}
_UNTIL = {Weight.KNOWN: "known until", Weight.EXPIRED: "was known until"}
_NAME_ONE = "Name a file of `harness verify --json FILE`, or the folder of a run (reports/runs/…)."


def main(arguments: argparse.Namespace) -> int:
    """Compare and print, or write the baseline."""
    observed = _runs(arguments.runs)
    path: Path = arguments.baseline
    if arguments.accept:
        path.write_text(written(accept(observed, _baseline(path) if path.exists() else None)), encoding="utf-8")
        for name, repeats in observed.items():
            broken = ", ".join(f"{count} {kind}" for kind, count in repeats[-1].outcomes.items())
            how = f", of {len(repeats)} repeats the last" if len(repeats) > 1 else ""
            print(f"accepted: {visible(name)}, {repeats[-1].verdict}{f', with {broken}' if broken else ''}{how}")
        print(f"baseline: {path}; commit it")
        return int(Exit.AS_PROMISED)
    if not path.exists():
        raise GateError(f"There is no baseline {path}. Accept runs as one: harness gate RUN … --accept")
    comparison = compare(_baseline(path), observed, datetime.now(UTC).date())
    _tell(comparison, arguments.quiet)
    if comparison.is_worse:
        return int(Exit.FAILED)
    return int(Exit.UNKNOWN if comparison.is_unknown else Exit.AS_PROMISED)


def _baseline(path: Path) -> Baseline:
    try:
        return parsed(documents.content(path), str(path))
    except OSError as error:
        raise GateError(f"{path} can't be read as a baseline: {error.strerror}.") from None


def _without_verdict(path: Path) -> str:
    """What a folder without a verdict is, and what to do."""
    if find(path).is_file():
        return f"the run was broken off before its verdict. Verify again; `harness show {path}` tells what it has."
    return f"it is not the folder of a run. {_NAME_ONE}"


def _runs(named: Iterable[str]) -> dict[str, list[Observed]]:
    """Every run of these files and folders, and of stored runs by their names, by its name."""
    found: dict[str, list[Observed]] = {}
    for text in named:
        path = named_run(text)
        file = path / "verdict.json" if path.is_dir() else path
        try:
            told = documents.read(file)
        except FileNotFoundError:
            raise GateError(f"{path} has no {file.name}: {_without_verdict(path)}") from None
        except OSError as error:
            raise GateError(f"{file} can't be read as a run: {error.strerror}. {_NAME_ONE}") from None
        except documents.Misshapen as error:
            raise GateError(f"{error}. {_NAME_ONE}") from None
        is_output = isinstance(told.value, dict) and isinstance(told.value.get("runs"), list)
        for name, repeats in observe(told.at("runs").listed() if is_output else [told]).items():
            found.setdefault(name, []).extend(repeats)
    return found


def _tell(comparison: Comparison, quiet: bool) -> None:
    """Print what was found, the worst first, and one line of result."""
    weights = list(Weight)
    for each in sorted(comparison.findings, key=lambda finding: weights.index(finding.weight)):
        excused = f" [{_UNTIL[each.weight]} {each.why}]" if each.why else ""
        print(f"{_MARK[each.weight]} {visible(f'{each.run}: {each.rule}: {each.detail}{excused}')}")
    for known in () if quiet else comparison.needless:
        about = known.rule or known.cause
        print(visible(f"  no longer needed: {known.run}, {about}, known until {known.until}: remove it"))
    count = {weight: sum(1 for each in comparison.findings if each.weight is weight) for weight in Weight}
    against = count[Weight.WORSE] + count[Weight.EXPIRED]
    result = "worse than accepted" if comparison.is_worse else "unknown" if comparison.is_unknown else "as accepted"
    told = f"{against} worse, {count[Weight.UNKNOWN]} without evidence, {count[Weight.KNOWN]} known"
    print(f"gate: {result} ({told})")
