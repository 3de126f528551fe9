"""The seam between judge, diagnosis and reports is data: nothing decides by sentences, and each finding has one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from harness.model import Aspect, Finding, Hop
from harness.reporting import sentences
from tests.support.prose import readings

ROOT = Path(__file__).resolve().parents[2] / "harness"

PARTS = ("record", "judge", "diagnosis", "reporting")


@pytest.mark.parametrize("part", PARTS)
def test_nothing_decides_by_what_a_sentence_says(part: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}: {each}" for path in sorted((ROOT / part).rglob("*.py")) for each in readings(path)
    ]
    assert found == []


@pytest.mark.parametrize(
    "source",
    [
        "if 'counter' in sentences.outcome(o): pass",
        "if f'session {session} ' in sentences.finding(o.finding): pass",
        "if blame.sentence == 'the server': pass",
        "if o.words == f'session {session} was never answered': pass",
        "if o.words == 'never answered': pass",
        "cli = sentences.outcome(outcome).split(' ', 1)[0]",
        "if verdict.blame[0].sentence.startswith('the'): pass",
        "re.search('x', result.note)",
        "seen = [where for where in seen if where in sentences.line(line)]",
        "told = 'x' if f'panel {p.name} ' in f'{sentences.outcome(o)} ' else ''",
    ],
)
def test_a_module_that_decides_by_prose_is_found(source: str, tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text(source)
    assert len([*readings(module)]) == 1


@pytest.mark.parametrize(
    "source",
    [
        "if fact.body.reason != BY_CLIENT: pass",
        "if result.note: pass",
        "if result.note == '': pass",
        "lines.append(sentences.outcome(o))",
        "line = ' '.join(sentences.outcome(o).split())",
        "if o.finding.aspect is Aspect.COUNTER and o.finding.session == session: pass",
    ],
)
def test_a_module_that_prints_prose_or_compares_data_is_not(source: str, tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text(source)
    assert [*readings(module)] == []


FULL = Finding(
    Aspect.WATCHED,
    "main",
    "dashboard:A",
    "subscribe",
    Hop.SENT,
    "overview",
    "events",
    2,
    1,
    3,
    4.0,
    5.0,
    "main/1",
    ("x",),
    "w",
)


@pytest.mark.parametrize("aspect", Aspect)
def test_each_aspect_has_a_sentence_of_its_fields(aspect: Aspect) -> None:
    because = (Finding(Aspect.NO_CODE),) if "because" in DOCUMENTED[aspect] else ()
    said = sentences.finding(replace(FULL, aspect=aspect, because=because))
    assert said and "None" not in said and "Aspect" not in said


def _documented() -> dict[Aspect, str]:
    """The comment that each aspect has in its enum: the fields that go with it."""
    source = (ROOT / "model" / "findings.py").read_text("utf-8").splitlines()
    lines = {line.strip().partition(" = ")[0]: line.partition("  # ")[2] for line in source if ' = "' in line}
    return {aspect: lines[aspect.name] for aspect in Aspect}


DOCUMENTED = _documented()


@pytest.mark.parametrize("aspect", Aspect)
def test_a_sentence_needs_no_fields_but_those_that_its_aspect_documents(aspect: Aspect) -> None:
    named = {name: getattr(FULL, name) for name in Finding.__slots__[1:-1] if name in DOCUMENTED[aspect]}
    because = (Finding(Aspect.NO_CODE),) if "because" in DOCUMENTED[aspect] else ()
    assert "None" not in sentences.finding(replace(Finding(aspect, because=because), **named))
