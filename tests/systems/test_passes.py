"""Passes in a running system: who has one for a session hears of no other, and where a server forgets that it is found.

A user's own system with passes is tried by its target file; the reference system with what its own server can do.
A sample of it; all with HARNESS_SYSTEMS=all (`make test-systems`).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from harness.judging import Judged
from harness.launch.stack import Stack
from harness.locations import BUNDLE, RUNS_SETTING
from harness.model import Answer, Hop, Kind, Standing
from harness.pytest_plugin.message import explain
from harness.record.masking import encodings
from harness.run.run import Run
from harness.run.workloads import COMMON
from harness.run.workloads._items import checkpoints, first_half, second_half
from harness.selftest.defects.catalogue import environment
from harness.target.process import Command
from harness.target.reference import NAME, reference
from harness.target.spec import Target
from harness.verify import perform
from tests.support.verified import shared

IS_WHOLE = os.environ.get("HARNESS_SYSTEMS") == "all"
PROPERTIES = tuple(each for each in COMMON if each != "P7")


class Passes:
    """A may see one session, B the other, C comes late with a pass for the second, D may see both."""

    needs_pipe, dashboards = True, ("A", "B", "C", "D")
    properties = (*PROPERTIES, "P17")

    def __init__(self, name: str) -> None:
        self.name = name
        self.made: list[str] = []

    def perform(self, run: Run) -> None:
        make = run.stack.make_pass
        run.stack.make_pass = lambda *said: self.made.append(make(*said)) or self.made[-1]  # type: ignore[method-assign, func-returns-value]
        other = run.new_session()
        asks = {"A": run.main, "B": other, "D": run.main} if self.name == "subscription" else None
        run.open_dashboards("A", "B", "D", sessions=asks, entitled={"A": run.main, "B": other})
        main, beside = run.pipe("main", run.main), run.pipe("beside", other)
        for cli in (main, beside):
            cli.publish(first_half())
            run.wait_routed(cli.session, 2)
        late = {"C": other} if self.name == "subscription" else None
        run.open_dashboards("C", sessions=late, entitled={"C": other})
        for cli in (main, beside):
            cli.publish([*checkpoints(1, 1), *second_half(noted=1)])
            assert cli.finish() == 0


def with_passes(target: Target) -> Target:
    """The reference system, let in by signed passes: dashboards see what theirs is for, producers come in once."""
    key = ("--access-key", "{shared}/access-key")
    argv = (sys.executable, "-m", f"{NAME}.server.access", "{out}", *key, "--role", "{role}", "--session", "{session}")
    passes = Command(argv, env={"PYTHONSAFEPATH": ""}, cwd=BUNDLE)
    return replace(target.serving_with(*key), page_url=f"{target.page_url}#token={{pass}}", passes=passes)


@contextmanager
def started(strategy: str, patch: str, folder: Path) -> Iterator[Stack]:
    env = {}
    if patch:
        file = folder / "patch.py"
        file.write_text(patch)
        env = environment(file)
    with (
        shared() as resources,
        Stack(with_passes(reference()), strategy, resources, server_env=env).start(lambda: resources.browser) as stack,
    ):
        yield stack


def play(strategy: str, folder: Path, patch: str = "") -> tuple[Judged, list[str]]:
    workload = Passes(strategy)
    with started(strategy, patch, folder) as stack:
        return perform(stack, strategy, workload), workload.made


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(RUNS_SETTING, str(tmp_path / "runs"))


@pytest.mark.parametrize("strategy", ["subscription", *(["broadcast", "auto-discovery"] if IS_WHOLE else [])])
def test_who_may_see_one_session_hears_of_no_other_and_no_pass_is_kept(strategy: str, tmp_path: Path) -> None:
    judged, made = play(strategy, tmp_path)
    standing = {each.prop: each.standing for each in judged.verdict.properties}
    assert (judged.verdict.answer, standing["P17"]) == (Answer.PASSED, Standing.PROVEN), explain(
        judged.verdict, judged.folder
    )
    assert len(made) == 6 and all(made)
    kept = {file: file.read_bytes() for file in judged.folder.rglob("*") if file.is_file()}
    assert [
        file for file, data in kept.items() for each in made for form in encodings(each) if form.encode() in data
    ] == []


LIVE = """
def forget(exchange):
    exchange.Exchange._strangers = lambda self, session: []
PATCHES = {"fixtures.server.exchange": forget}
"""
REPLAY = """
def forget(exchange):
    came = exchange.Exchange.dashboard_came
    async def all_of_it(self, sid, follow, since=None):
        allows, self.allows = self.allows, lambda *_: True
        try:
            await came(self, sid, follow, since)
        finally:
            self.allows = allows
    exchange.Exchange.dashboard_came = all_of_it
PATCHES = {"fixtures.server.exchange": forget}
"""
ANNOUNCED = """
def forget(exchange):
    async def to_all(self, session, sids):
        notice = {"session": session.id, "task": session.task, "at": session.opened_at}
        for sid in sids:
            await self.sio.emit("session:announced", notice, to=sid)
    exchange.Exchange._announce = to_all
PATCHES = {"fixtures.server.exchange": forget}
"""


MORE = (
    pytest.param(ANNOUNCED, "auto-discovery", False, {"A", "B"}, id="announcement"),
    pytest.param(LIVE, "broadcast", True, {"A", "B", "C"}, id="live"),
)


@pytest.mark.parametrize(
    ("patch", "strategy", "has_events", "dashboards"),
    [
        pytest.param(REPLAY, "broadcast", True, {"C"}, id="replay"),
        *(MORE if IS_WHOLE else ()),
    ],
)
def test_a_server_that_forgets_whom_a_pass_is_for_is_found_out(
    patch: str, strategy: str, has_events: bool, dashboards: set[str], tmp_path: Path
) -> None:
    judged = play(strategy, tmp_path, patch)[0]
    verdict = judged.verdict
    leaked = [each for each in verdict.outcomes if each.kind is Kind.LEAKED]
    assert verdict.answer is Answer.FAILED
    assert {each.prop for each in leaked} == {"P17"}
    assert dashboards <= {each.dashboard for each in leaked} and "D" not in {each.dashboard for each in leaked}
    assert any(each.key is not None and each.hop is Hop.ROUTED for each in leaked) is has_events
    assert {each.cause for each in verdict.blame} == {"pass-ignored"}, explain(verdict, judged.folder)
