"""A page at rest, as frameworks draw it: all that was delivered is shown then, by whichever transport it came."""

from __future__ import annotations

import asyncio
import dataclasses
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from harness.model import Hop
from harness.run.quiescence import prove_absence
from tests.support.board import PATIENCE_S, SPEC, Board, event, open_board
from tests.support.browsers import browser, server
from tests.support.page_server import PageServer

__all__ = ["browser", "server"]

ROOT = Path(__file__).parents[2]
VIEWS = ROOT / "tests" / "support" / "views"
DASHBOARD, TARGETS = (ROOT / "fixtures" / each / "node_modules" for each in ("dashboard", "targets"))
PACKAGES = {"react": DASHBOARD, "react-dom": DASHBOARD, "vue": TARGETS, "solid-js": TARGETS, "svelte": TARGETS}
COMPILE = """
import { readFileSync, writeFileSync } from "node:fs";
import { compile } from "svelte/compiler";
const [source, target] = process.argv.slice(1);
writeFileSync(target, compile(readFileSync(source, "utf8"), { generate: "client", css: "injected" }).js.code);
"""
ROWS = dataclasses.replace(SPEC, store=None, panel=None, window=None, windowed=False)


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The views, each in one file."""
    folder = tmp_path_factory.mktemp("views")
    (folder / "node_modules").mkdir()
    for package, where in PACKAGES.items():
        (folder / "node_modules" / package).symlink_to(where / package)
    for view in VIEWS.glob("*.svelte"):
        done = subprocess.run(
            ["node", "--input-type=module", "-e", COMPILE, str(view), f"{view.name}.js"],
            cwd=folder, capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    for view in VIEWS.glob("*.mjs"):
        (folder / view.name).write_bytes(view.read_bytes())
        packed = ("--format", "iife", "--platform", "browser", "--file", f"{view.stem}.js")
        done = subprocess.run(
            [str(DASHBOARD / ".bin" / "rolldown"), view.name, *packed], cwd=folder, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
    return folder


@contextmanager
def shown(browser: Browser, server: PageServer, program: Path, query: str) -> Iterator[Board]:
    """A page that this program draws, connected."""
    with open_board(browser, f"{server.url}/view.html?{query}", ROWS) as board:
        board.page.add_script_tag(path=program)
        board.page.wait_for_selector("[data-connection=connected]", timeout=PATIENCE_S * 1000)
        yield board


def assert_rest_shows(board: Board, count: int) -> None:
    [proof] = prove_absence([board.tap], PATIENCE_S)
    assert proof.holds, proof
    assert len(board.keys(Hop.RENDERED)) == count


@pytest.mark.parametrize("transport", ["websocket", "polling"])
@pytest.mark.parametrize("view", ["react", "vue", "solid", "svelte"])
def test_a_page_at_rest_shows_all_whatever_draws_it(
    browser: Browser, server: PageServer, bundles: Path, view: str, transport: str
) -> None:
    with shown(browser, server, bundles / f"{view}.js", f"transports={transport}") as board:
        for number in (1, 2):
            server.emit(*(event(seq, session=f"s{number}") for seq in range(1, 21)))
            assert_rest_shows(board, 20 * number)


async def at_once(server: PageServer, session: str) -> None:
    """Twenty events, all of them queued before a poll can be answered: one by one, the first would be a poll's all."""
    events = (event(seq, session=session) for seq in range(1, 21))
    await asyncio.gather(*(server.sio.emit(name, body) for name, body in events))


def written(board: Board) -> tuple[int, int]:
    """Commits since the last time, and how often the count was written in them."""
    commits, writes = board.page.evaluate("[commits, writes]")
    board.page.evaluate("commits = writes = 0")
    return commits, writes


@pytest.mark.parametrize(
    ("view", "of_a_poll", "of_frames"),
    [
        ("react", (1, 1), None),  # as many as it finds together, and not the same number each time
        ("vue", (1, 1), (20, 20)),
        ("svelte", (1, 1), (20, 20)),
        ("solid", (1, 20), (20, 20)),
    ],
)
def test_events_of_one_poll_are_one_commit_and_frames_are_more(
    browser: Browser, server: PageServer, bundles: Path, view: str, of_a_poll: tuple[int, int], of_frames: object
) -> None:
    """However often a framework writes, the census finds the page at rest when the last of it is written."""
    program = bundles / f"{view}.js"
    with shown(browser, server, program, "transports=polling&draw=at-once") as board:
        board.page.evaluate("watch()")
        for number in (1, 2):
            server.run(at_once(server, f"p{number}"))
            assert_rest_shows(board, 20 * number)
            assert written(board) == of_a_poll
    with shown(browser, server, program, "transports=websocket&draw=at-once") as board:
        board.page.evaluate("watch()")
        seen = []
        for number in (1, 2, 3):
            server.run(at_once(server, f"w{number}"))
            assert_rest_shows(board, 20 * number)
            seen.append(written(board))
        if of_frames is None:  # on a machine that is slow, it may find all of them together once
            assert 1 < max(commits for commits, _ in seen) <= 20 and all(commits == writes for commits, writes in seen)
        else:
            assert seen == [of_frames] * 3
