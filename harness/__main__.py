"""The `harness` command. Each subcommand is a module of harness.commands, imported only when it is asked for."""

from __future__ import annotations

import argparse
import importlib
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from harness.locations import BUNDLE, IS_CHECKOUT

STRATEGIES = ("broadcast", "subscription", "auto-discovery", "single-session")
REPRODUCTIONS = ("room-mismatch", "wrong-process")

DOCUMENTATION = "" if IS_CHECKOUT else f"docs/ is {BUNDLE / 'docs'}"
EPILOG = f"""\
exit status: 0 as promised, 1 the system failed, 2 wrong use, 3 unknown (evidence is missing),
4 the harness or the machine broke

first run:   harness verify                            all four strategies on the reference system
             harness reproduce room-mismatch           see the documented bug caught and blamed
             harness judge reports/runs/RUN            the verdict again, without browser or network
{DOCUMENTATION}"""


def parser() -> argparse.ArgumentParser:
    """The command line. Cheap: nothing of the product is imported for it."""
    top = argparse.ArgumentParser(
        prog="harness",
        description="Proves, hop by hop, that the events a CLI emits are what a dashboard shows; and when they are "
        "lost, names the first hop that lost them, the cause and the evidence.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    verify = commands.add_parser("verify", help="run server, dashboard, browser and CLI together and judge every hop")
    verify.add_argument(
        "--strategy", action="extend", nargs="+", choices=STRATEGIES, metavar="NAME",
        help=f"which strategies, in this order (default: all): {', '.join(STRATEGIES)}",
    )  # fmt: skip
    verify.add_argument("--repeat", type=_count, default=1, metavar="N", help="how often each; tells what is flaky")
    _target(verify)
    _output(verify)

    reproduce = commands.add_parser(
        "reproduce", help="make a documented bug happen; succeeds when it is blamed rightly"
    )
    reproduce.add_argument("defect", choices=REPRODUCTIONS, metavar="NAME", help=", ".join(REPRODUCTIONS))
    _output(reproduce)

    judge = commands.add_parser("judge", help="judge a stored run again, without browser or network")
    judge.add_argument("run", type=Path, metavar="RUN", help="the folder of a run (reports/runs/…)")
    _output(judge)

    gate = commands.add_parser("gate", help="compare runs with what was accepted before (docs/gate.md)")
    gate.add_argument(
        "runs", type=Path, nargs="+", metavar="RUN", help="files of `verify --json`, or folders of runs; repeats count"
    )
    gate.add_argument(
        "--baseline", type=Path, default=Path("harness-baseline.json"), metavar="FILE",
        help="what was accepted (default: harness-baseline.json)",
    )  # fmt: skip
    gate.add_argument("--accept", action="store_true", help="write these runs into the baseline instead")
    gate.add_argument("--quiet", action="store_true", help="only what was found, and the result")

    defects = commands.add_parser(
        "defects", help="break the reference system in every known way; succeeds when each bug is blamed rightly"
    )
    defects.add_argument("--only", action="extend", nargs="+", metavar="ID", help="which defects (default: all)")
    defects.add_argument("--repeat", type=_count, default=1, metavar="N", help="how often each (default: 1)")
    defects.add_argument("--json", type=new_file, metavar="FILE", help="also write the score as JSON (docs/json.md)")
    defects.add_argument(
        "--ledgers", type=Path, metavar="DIR", help="also keep the ledgers of what was found as expected, compressed"
    )
    defects.add_argument("--quiet", action="store_true", help="only the result, no progress")

    soak = commands.add_parser("soak", help="repeat clean runs under disturbance; none of them may raise an alarm")
    soak.add_argument("--runs", type=_count, default=20, metavar="N", help="how many (default: 20)")
    soak.add_argument("--seed", type=int, metavar="S", help="draw the same runs in the same order again")
    soak.add_argument("--json", type=new_file, metavar="FILE", help="also write the record as JSON (docs/json.md)")
    soak.add_argument("--table", type=new_file, metavar="FILE", help="also write the record as a Markdown page")
    soak.add_argument("--quiet", action="store_true", help="only the result, no progress")

    up = commands.add_parser("up", help="start the whole stack and leave it for you to use, until Ctrl-C")
    routings = (*STRATEGIES, "room-mismatch")
    how = f"how events are routed: {', '.join(routings)} (default: broadcast)"
    up.add_argument("--strategy", choices=routings, metavar="NAME", help=how)
    _target(up)

    report = commands.add_parser("report", help="build Allure's report from the results of pytest --alluredir")
    _results(report)
    report.add_argument(
        "--output", type=Path, default=Path("reports/allure-report"), metavar="DIR",
        help="where to; replaced as a whole (default: reports/allure-report)",
    )  # fmt: skip
    report.add_argument(
        "--history", type=Path, default=Path("reports/allure-history.jsonl"), metavar="FILE",
        help="the runs before this one, kept up to date (default: reports/allure-history.jsonl)",
    )  # fmt: skip

    summary = commands.add_parser("summary", help="sum up the results of pytest --alluredir in Markdown, for CI")
    _results(summary)
    summary.add_argument("--append", type=Path, metavar="FILE", help='to this file, as "$GITHUB_STEP_SUMMARY"')
    summary.add_argument("--annotate", action="store_true", help="also print GitHub's annotations, ranked by cause")

    target = commands.add_parser("target", help="describe a system of your own in a file, and try the file")
    _target_commands(target.add_subparsers(dest="what", required=True, metavar="init|check"))

    shannon = commands.add_parser("shannon", help="the reference system's CLI: `harness shannon do TASK`")
    shannon.add_argument("arguments", nargs=argparse.REMAINDER, metavar="ARGUMENT", help="its own: see `do --help`")

    commands.add_parser("doctor", help="say what is missing on this machine, and how to get it")
    for command in commands.choices.values():
        command.epilog = DOCUMENTATION
        command.formatter_class = argparse.RawDescriptionHelpFormatter  # or a path is broken at its hyphens
    return top


def new_file(text: str) -> Path:
    """A file that can be written: wrong use is told before the run, not behind it."""
    path = Path(text)
    if path.is_dir() or not path.parent.is_dir():
        what = "is a folder" if path.is_dir() else f"can't be written: there is no folder {path.parent}"
        raise argparse.ArgumentTypeError(f"{text} {what}. Name a file in a folder that is there.")
    return path


def _target(command: argparse.ArgumentParser) -> None:
    command.add_argument("--target", type=Path, metavar="FILE", help="a system of your own, as docs/target.md says")


def _results(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "results", type=Path, nargs="*", default=[Path("reports/allure-results")], metavar="RESULTS",
        help="folders of results; those of several shards are merged (default: reports/allure-results)",
    )  # fmt: skip


def _target_commands(commands: Any) -> None:
    init = commands.add_parser("init", help="ask what is needed and write a target file; flags answer in advance")
    init.add_argument("file", type=Path, nargs="?", default=Path("target.toml"), metavar="FILE")
    init.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", dest="answers",
        help="the answer for a key, as process.server.command='node server.js'; may be given many times",
    )  # fmt: skip
    init.add_argument("--yes", action="store_true", help="ask nothing: what has no answer gets its default")
    init.add_argument("--force", action="store_true", help="write over a file that is there")
    check = commands.add_parser("check", help="start the system, try each line of the file, say what was found")
    check.add_argument("file", type=Path, metavar="FILE")


def _output(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--json", type=new_file, metavar="FILE", help="also write the verdict as one JSON object (docs/json.md)"
    )
    command.add_argument("--quiet", action="store_true", help="only the result, no progress")


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} must be a positive integer")
    return int(text)


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status; errors are one message, never a traceback for a user's mistake."""
    given = sys.argv[1:] if argv is None else list(argv)
    if given[:1] == ["shannon"]:  # its arguments are its own, --help among them
        arguments = argparse.Namespace(command="shannon", arguments=given[1:])
    else:
        arguments = parser().parse_args(given)
    command = importlib.import_module(f"harness.commands.{arguments.command}")
    try:
        status = int(command.main(arguments))
        sys.stdout.flush()  # what is still kept back may find a closed pipe, too
        return status
    except KeyboardInterrupt:
        print("harness: interrupted; everything that was started is stopped", file=sys.stderr)
        return 130
    except BrokenPipeError:  # who reads has read enough, as `head` does; a shell's own programs end in this way
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE
    except Exception as error:
        from harness.commands import explain

        status, message = explain(error)
        print(f"harness: {message}", file=sys.stderr)
        return int(status)


if __name__ == "__main__":
    sys.exit(main())
