"""A page at rest, as frameworks draw it: all that was delivered is shown then, by whichever transport it came."""

from __future__ import annotations

import dataclasses
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from harness.model import Hop
from harness.run.quiescence import prove_absence
from tests.support.board import PATIENCE_S, SPEC, event, open_board
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


@pytest.mark.parametrize("transport", ["websocket", "polling"])
@pytest.mark.parametrize("view", ["react", "vue", "solid", "svelte"])
def test_a_page_at_rest_shows_all_whatever_draws_it(
    browser: Browser, server: PageServer, bundles: Path, view: str, transport: str
) -> None:
    with open_board(browser, f"{server.url}/view.html?transports={transport}", ROWS) as board:
        board.page.add_script_tag(path=bundles / f"{view}.js")
        board.page.wait_for_selector("[data-connection=connected]", timeout=PATIENCE_S * 1000)
        for number in (1, 2):
            server.emit(*(event(seq, session=f"s{number}") for seq in range(1, 21)))
            [proof] = prove_absence([board.tap], PATIENCE_S)
            assert proof.holds, proof
            assert len(board.keys(Hop.RENDERED)) == 20 * number
