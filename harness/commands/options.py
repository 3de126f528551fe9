"""Arguments that several commands have."""

from __future__ import annotations

import argparse
from pathlib import Path

from harness.commands.kinds import count, new_file


def run_of(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "run", nargs="?", default="last", metavar="RUN",
        help="the folder of a run, or its name among reports/runs (default: the last one)",
    )  # fmt: skip


def target(command: argparse.ArgumentParser) -> None:
    command.add_argument("--target", type=Path, metavar="FILE", help="a system of your own, as docs/target.md says")


def servers(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--servers", type=count, default=1, metavar="N",
        help="of the reference system, as one cluster behind Redis; pages and CLIs get them in turn (default: 1)",
    )  # fmt: skip


def results(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "results", type=Path, nargs="*", default=[Path("reports/allure-results")], metavar="RESULTS",
        help="folders of results; those of several shards are merged (default: reports/allure-results)",
    )  # fmt: skip


def output(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--json", type=new_file, metavar="FILE", help="also write the verdict as one JSON object (docs/json.md)"
    )
    command.add_argument("--quiet", action="store_true", help="only the result, no progress")


def strategies() -> tuple[str, ...]:
    from harness.extensions import STRATEGY, names  # 0.1 s, and only for commands that take one

    return names(STRATEGY)


def own_strategies() -> list[str]:
    from harness.extensions import STRATEGY, is_own

    return [name for name in strategies() if is_own(STRATEGY, name)]
