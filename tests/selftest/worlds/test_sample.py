"""A few worlds played whole, always the same, one of them healthy: each judged rightly, on three kinds of servers."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.selftest.worlds.campaign import try_all
from harness.selftest.worlds.draw import draw

SEEDS = (31, 36, 47, 57)


@pytest.mark.slow
def test_worlds_of_a_fixed_sample_are_judged_rightly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HARNESS_RUNS", str(tmp_path / "runs"))
    results = {result.seed: result for result in try_all(SEEDS)}
    assert set(results) == set(SEEDS)
    for result in results.values():
        assert (result.fate, result.wrong) == ("scored", ()), result
    servers = {draw(seed).parts.server for seed in SEEDS}
    assert len(servers) >= 3
