"""The tools of `harness mcp`, asked by a client of the official SDK over the server's own input and output."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.commands.mcp import short
from harness.commands.parser import main
from harness.judging import judge_folder
from harness.locations import RUNS_SETTING
from harness.record.ledger import FORMER_FILE, exported
from tests.support.reported import mismatch

Asked = list[tuple[str, dict[str, Any]]]


@pytest.fixture
def ask(tmp_path: Path) -> Callable[[Asked], list[Any]]:
    """Asks a server for its tools and calls some: the results, with the names of the tools before them.

    The SDK is imported here alone: it takes half a second, in each worker that collects.
    """
    mcp = pytest.importorskip("mcp", reason="the extra mcp is not installed")
    stdio = pytest.importorskip("mcp.client.stdio", reason="the extra mcp is not installed")
    (tmp_path / "lost-1").mkdir()
    (tmp_path / "lost-1" / FORMER_FILE).write_text("".join(exported(mismatch().ledger())))
    judge_folder(tmp_path / "lost-1", 1.0, report=False)

    async def conversation(asked: Asked) -> list[Any]:
        env = {**os.environ, RUNS_SETTING: str(tmp_path)}
        started = stdio.StdioServerParameters(command=sys.executable, args=["-m", "harness", "mcp"], env=env)
        with open(os.devnull, "w") as log:
            async with stdio.stdio_client(started, errlog=log) as streams, mcp.ClientSession(*streams) as session:
                await session.initialize()
                tools = [tool.name for tool in (await session.list_tools()).tools]
                return [tools, *[await session.call_tool(name, arguments) for name, arguments in asked]]

    return lambda asked: asyncio.run(asyncio.wait_for(conversation(asked), 120))


def test_an_agent_finds_a_run_asks_it_and_is_told_what_a_cause_means(ask: Callable[[Asked], list[Any]]) -> None:
    tools, runs, verdict, event, cause = ask(
        [
            ("list_runs", {}),
            ("show", {"run": "lost-1"}),
            ("show", {"event": "s/2"}),
            ("explain", {"cause": "room-mismatch"}),
        ]
    )
    assert tools == ["verify", "show", "explain", "list_runs"]
    (run,) = runs.structured_content["result"]
    assert (run["run"], run["verdict"], run["cause"], run["hop"]) == ("lost-1", "failed", "room-mismatch", "routed")
    (told,) = verdict.structured_content["answers"]
    assert (told["blame"][0]["cause"], told["outcomes"]) == ("room-mismatch", {"lost": 8})
    assert event.structured_content["answers"][0]["not_seen_at"] == ["delivered", "applied", "rendered"]
    assert "remedy:" in cause.content[0].text


def test_wrong_names_are_told_and_options_are_not_names(ask: Callable[[Asked], list[Any]]) -> None:
    _, strategy, run, option, cause = ask(
        [
            ("verify", {"strategies": ["brodcast"]}),
            ("show", {"run": "lots-1"}),
            ("show", {"run": "--help"}),
            ("explain", {"cause": "room-mismach"}),
        ]
    )
    said = [each.content[0].text for each in (strategy, run, option, cause)]
    assert all(each.is_error for each in (strategy, run, option, cause)), said
    assert "did you mean broadcast?" in said[0] and "did you mean lost-1?" in said[1]
    assert "'--help' is not a name" in said[2] and "did you mean room-mismatch?" in said[3]


def test_a_verdict_is_told_without_its_long_lists() -> None:
    run = dict.fromkeys(("target", "strategy", "hops", "blame", "unknowns", "began", "commit", "changed", "seconds"))
    run |= {
        "verdict": "failed",
        "run_dir": "/runs/lost-1",
        "outcomes": {"lost": [{}, {}], "late": []},
        "properties": {},
    }
    (told,) = short({"verdict": "failed", "runs": [run]})["runs"]
    assert (told["run"], told["outcomes"], told["page"]) == ("lost-1", {"lost": 2}, "/runs/lost-1/run.html")
    assert "properties" not in told


def test_a_target_file_that_is_not_there_is_told_at_the_start(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["mcp", "--target", "missing.toml"]) == 2
    assert "there is no such file" in capsys.readouterr().err
