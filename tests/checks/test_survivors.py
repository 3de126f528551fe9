"""What is said of mutants that no test killed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support import survivors
from tests.support.survivors import Survivor, changed, is_wording, page, results

DIFF = """--- harness/judge/judge.py
+++ harness/judge/judge.py
@@ -1,3 +1,3 @@
 def one():
-    return 1
+    return 2
"""


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ('why = f"the answer took {took:.0f} ms"', 'why = f"XXthe answer took {took:.0f} msXX"', True),
        ('yield "a b", x', 'yield "A B", x', True),
        ('yield "a b", x', 'yield "A B", y', False),
        ('data.get("status")', 'data.get("STATUS")', False),
        ('data.get("status")', "data.get(None)", False),
        ("x + 1", "x - 1", False),
        (
            '*(f"emitted at {place}" for place in list(places)[:3]),',
            '*(f"emitted at {place}" for place in list(places)[:4]),',
            True,
        ),
        ("for sid in list(sids)[:5]", "for sid in list(sids)[:6]", True),
        ("for each in errors[:5]", "for each in errors[:6]", True),
        ('[f"it ended: {each}" for each in closed[-2:]]', '[f"it ended: {each}" for each in closed[-3:]]', True),
        ("for load in evidence.loads_of(label)[-1:]", "for load in evidence.loads_of(label)[-2:]", False),
        ("hops[:1] == (hop,)", "hops[:2] == (hop,)", False),
    ],
)
def test_wording_is_a_change_of_sentences_alone(before: str, after: str, expected: bool) -> None:
    assert is_wording(before, after) is expected


def test_a_diff_is_the_line_that_was_and_the_line_that_became() -> None:
    assert changed(DIFF) == ("return 1", "return 2")


def test_the_page_counts_every_fate_and_lists_what_is_not_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = {
        f"harness.judge.judge.x_one__mutmut_{number}": code
        for number, code in enumerate((1, 3, 0, 0, 0, 33, -24, None))
    }
    (tmp_path / "harness" / "judge").mkdir(parents=True)
    (tmp_path / "harness" / "judge" / "judge.py.meta").write_text(json.dumps({"exit_code_by_key": codes}))
    (tmp_path / "harness" / "empty.py.meta").write_text(json.dumps({"exit_code_by_key": {}}))
    lived = [
        Survivor("harness/judge/judge.py", "x_one__mutmut_2", 'why = "a b"', 'why = "XXa bXX"'),
        Survivor("harness/judge/judge.py", "x_one__mutmut_3", "a | b", "a & b"),
        Survivor("harness/judge/judge.py", "x_one__mutmut_4", "x + 1", "x - 1"),
    ]
    monkeypatch.setattr(survivors, "MUTANTS", tmp_path)
    monkeypatch.setattr(survivors, "survivors", lambda module, codes: iter(lived))
    monkeypatch.setattr(survivors, "EQUIVALENT", {("x + 1", "x - 1"): "x is never used"})
    lines = list(page(results()))
    assert "| harness/judge/judge.py | 8 | 2 | 1 | 1 | 1 | 1 | 1 | 1 |" in lines
    assert "| harness/judge/judge.py x_one__mutmut_3 | `a \\| b` | `a & b` |  |" in lines
    assert "| harness/judge/judge.py x_one__mutmut_4 | `x + 1` | `x - 1` | x is never used |" in lines
    assert not any("mutmut_2" in line for line in lines)


def test_the_status_says_whether_a_mutant_is_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "mutants.md"
    monkeypatch.setattr(survivors, "results", lambda: iter([("harness/judge/judge.py", {"x": 0})]))
    for after, status in (("x - 1", 1), ('"B C"', 0)):
        lived = Survivor("harness/judge/judge.py", "x", '"b c"', after)
        monkeypatch.setattr(survivors, "survivors", lambda module, codes, lived=lived: iter([lived]))
        assert survivors.main(str(target)) == status
        assert ("## Open" in target.read_text()) == bool(status)
