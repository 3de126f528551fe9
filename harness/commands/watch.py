"""`harness watch`: a page that shows each event the moment it passes a hop, run after run, until Ctrl-C."""

from __future__ import annotations

import argparse
import signal
import threading
import webbrowser
from collections.abc import Sequence
from pathlib import Path

from harness.commands.choices import chosen_strategies, chosen_target
from harness.commands.stored import ChoiceError
from harness.launch.ends import stop_orphans
from harness.live.changes import follow
from harness.live.feed import Feed
from harness.live.follower import Follower
from harness.live.runner import Runner
from harness.live.server import Server
from harness.locations import own_command, runs

INTERRUPTED_STATUS = 0
"""It is how this command ends."""


def main(arguments: argparse.Namespace) -> int:
    """Serve the page, make a run, and one more whenever it is asked for; wait for Ctrl-C or SIGTERM."""
    stop_orphans()
    target = chosen_target(arguments)
    strategies = chosen_strategies(target, arguments.strategy)
    system = [] if arguments.target is None else ["--target", str(arguments.target.absolute())]
    runs().mkdir(parents=True, exist_ok=True)
    runner = Runner([*own_command(), "verify", *system], strategies, lambda: feed.changed())
    feed = Feed(lambda: runner.told)
    follower = Follower(runs(), feed.take)
    try:
        server = Server(feed, runner, runs(), arguments.port)
    except (OSError, OverflowError) as error:
        raise ChoiceError(f"--port {arguments.port}: can't be used ({error}). Leave it out for a free one.") from None
    with server:
        folders = _folders(target.folders, arguments.target)
        threading.Thread(target=follow, args=(folders, runs(), runner.changed), name="changes", daemon=True).start()
        follower.start()
        print(
            f"watch: {server.url}\nIt follows every run in {runs()}, by any command. Ctrl-C ends it.",
            flush=True,
        )
        if not arguments.no_run:
            runner.run()
        if not arguments.no_open:
            webbrowser.open(server.url)
        while True:
            signal.pause()  # SIGINT and SIGTERM end this process (lib.interruption), and its run with it


def _folders(own: Sequence[Path], file: Path | None) -> list[Path]:
    """Where the system's code is, each folder once: those that it works in, and that of its target file."""
    wanted = {each.resolve() for each in (*own, *([file.parent] if file is not None else ())) if each.is_dir()}
    return sorted(each for each in wanted if not any(other in each.parents for other in wanted))
