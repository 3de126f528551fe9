"""`harness load`: strategies verified with many dashboards at once."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace

from harness.commands.choices import chosen_strategies, chosen_target
from harness.commands.exits import Exit, exit_for
from harness.commands.output import conclude
from harness.judging import Judged
from harness.launch.ends import stop_orphans
from harness.load.under_locust import GET_LOCUST, LOCUSTFILE, Swarm, is_installed
from harness.load.workload import PAGES, Load, Size, load_for
from harness.model import Answer
from harness.reporting.load import load_table
from harness.reporting.terminal import Progress
from harness.target.spec import Target
from harness.verify import verify

LOCUST_PORT = 5557
"""Where workers look for their master, if they are told no other."""

PATIENCE_S = 180.0
"""How long what is waited for may take under load, where the target names no longer time."""


def main(arguments: argparse.Namespace) -> int:
    """Verify under load, print, and say by the status how it went."""
    stop_orphans()
    target = chosen_target(arguments)
    target = replace(target, run_s=max(target.run_s, PATIENCE_S))
    size = Size(
        arguments.dashboards,
        arguments.sessions,
        arguments.events,
        arguments.rate,
        arguments.processes,
        min(arguments.pages, len(PAGES)),
        chosen_swarm(arguments),
    )
    if size.swarm is not None and not is_installed():
        print(GET_LOCUST, file=sys.stderr)
        return int(Exit.BROKEN)
    judged: list[Judged] = []
    with Progress(quiet=arguments.quiet) as progress:

        def plan(target: Target, strategy: str) -> Load:
            return load_for(target, strategy, size, lambda text: progress.step(f"{strategy}: {text}"))

        judged += verify(target, chosen_strategies(target, arguments.strategy), progress.step, plan=plan)
    conclude(judged, arguments)
    for each in judged:
        load_table(each.evidence.contract.strategy, each.document["load"], sys.stdout)
    return int(exit_for([Answer(each.verdict.answer) for each in judged]))


def chosen_swarm(arguments: argparse.Namespace) -> Swarm | None:
    """How Locust is to be started; None where it isn't."""
    if not arguments.locust:
        return None
    usual = ("*", LOCUST_PORT) if arguments.locust_workers else ("127.0.0.1", 0)
    host, port = arguments.locust_master or usual
    file = LOCUSTFILE if arguments.locustfile is None else arguments.locustfile.resolve()
    return Swarm(
        arguments.processes, arguments.locust_workers, host, port, arguments.locust_web, arguments.locust_reach, file
    )
