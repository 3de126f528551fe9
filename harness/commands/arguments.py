"""The commands and the arguments of each: only those of the command that is given are put together."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from harness.commands import options
from harness.commands.kinds import address, count, new_file, new_folder, one_of, port, rate, whole


def _verify(verify: argparse.ArgumentParser) -> None:
    from harness.extensions import FAULT, names

    known = options.strategies()
    verify.add_argument(
        "--strategy", action="extend", nargs="+", type=one_of(known), metavar="NAME",
        help="which strategies, in this order (default: all that the system promises): "
        + ", ".join(options.own_strategies()),
    )  # fmt: skip
    verify.add_argument(
        "--last-failed", action="store_true", help="those of them whose last run did not pass; all where none is left"
    )
    verify.add_argument("--repeat", type=count, default=1, metavar="N", help="how often each; tells what is flaky")
    verify.add_argument(
        "--fault", action="append", metavar="NAME[:KEY=VALUE,…]",
        help=f"a fault while it runs; may be given again: {', '.join(names(FAULT))}",
    )  # fmt: skip
    verify.add_argument(
        "--seed", type=whole, default=1, metavar="S", help="makes the choices of the faults (default: 1)"
    )
    verify.add_argument("--headed", action="store_true", help="show the browser; needs a display")
    verify.add_argument("--trace", action="store_true", help="record a Playwright trace of each dashboard")
    verify.add_argument("--video", action="store_true", help="record a video of each dashboard")
    options.servers(verify)
    options.target(verify)
    options.output(verify)


def _load(load: argparse.ArgumentParser) -> None:
    for name, kind, default, about in (
        ("dashboards", count, 100, "connections beside the pages, which connect and ask as they do"),
        ("sessions", count, 4, "sessions at once, each with a CLI of its own"),
        ("events", count, 200, "events in all, where the CLI takes them from outside"),
        ("rate", rate, 20.0, "events a second, in all sessions together"),
        ("pages", count, 1, "pages beside them, whose connections they share: in a cluster, one for each server"),
        ("processes", count, 1, "processes that the connections are shared out among"),
    ):
        load.add_argument(f"--{name}", type=kind, default=default, metavar="N", help=f"{about} (default: {default})")
    load.add_argument(
        "--strategy", action="extend", nargs="+", type=one_of(options.strategies()), metavar="NAME",
        help=f"which strategies (default: all that the system promises): {', '.join(options.own_strategies())}",
    )  # fmt: skip
    load.add_argument(
        "--locust", action="store_true",
        help="the connections are Locust users, under Locust's master and workers; --processes is how many workers",
    )  # fmt: skip
    load.add_argument(
        "--locust-workers", type=count, default=0, metavar="N",
        help="wait for so many workers that others start, on any machine, and start none",
    )  # fmt: skip
    load.add_argument(
        "--locust-master", type=address, metavar="HOST:PORT",
        help="where Locust's master listens (default: 127.0.0.1 and a free port; with --locust-workers *:5557)",
    )  # fmt: skip
    load.add_argument(
        "--locust-reach", metavar="HOST",
        help="by which name or address workers of other machines reach what the page reaches at loopback",
    )  # fmt: skip
    load.add_argument("--locust-web", type=port, metavar="PORT", help="Locust's own page, while it runs, at this port")
    load.add_argument("--locustfile", type=Path, metavar="FILE", help="users of your own beside the dashboards")
    options.servers(load)
    options.target(load)
    options.output(load)


def _reproduce(reproduce: argparse.ArgumentParser) -> None:
    from harness.selftest.reproductions import REPRODUCTIONS

    reproduce.add_argument("defect", type=one_of(REPRODUCTIONS), metavar="NAME", help=", ".join(REPRODUCTIONS))
    options.output(reproduce)


def _judge(judge: argparse.ArgumentParser) -> None:
    options.run_of(judge)
    options.output(judge)


def _ledger(ledger: argparse.ArgumentParser) -> None:
    ledger.add_argument(
        "run", nargs="?", default="last", metavar="RUN",
        help="the folder of a run, its name among reports/runs, or a ledger (default: the last run)",
    )  # fmt: skip
    ledger.add_argument("--jsonl", action="store_true", help="write it as JSON lines (docs/ledger.md)")


def _show(show: argparse.ArgumentParser) -> None:
    options.run_of(show)
    what = show.add_mutually_exclusive_group()
    what.add_argument("--event", metavar="KEY", help="where one event was seen: by its key, its number or its name")
    what.add_argument("--dashboard", metavar="LABEL", help="what one dashboard was owed and has")
    what.add_argument("--lost", action="store_true", help="all that went wrong, event by event")
    show.add_argument("--json", action="store_true", help="print it as one JSON object (docs/json.md)")


def _compare(compare: argparse.ArgumentParser) -> None:
    compare.add_argument("runs", nargs=2, metavar="RUN", help="the folders of two runs, or their names, or `last`")
    compare.add_argument("--json", action="store_true", help="print it as one JSON object (docs/json.md)")
    compare.add_argument(
        "--pictures", type=new_folder, metavar="FOLDER",
        help="write each pair of screenshots beside each other, and again with marks on what differs",
    )  # fmt: skip


def _open(opened: argparse.ArgumentParser) -> None:
    opened.add_argument(
        "run", nargs="?", metavar="RUN",
        help="the folder of a run, or its name among reports/runs, or `last` (default: the page of all runs)",
    )  # fmt: skip


def _trace(trace: argparse.ArgumentParser) -> None:
    options.run_of(trace)
    trace.add_argument("--dashboard", metavar="LABEL", help="of which dashboard (default: the first that has one)")


def _index(index: argparse.ArgumentParser) -> None:
    index.add_argument("--no-open", action="store_true", help="write the page, and don't open it in a browser")


def _explain(explain: argparse.ArgumentParser) -> None:
    explain.add_argument("cause", nargs="?", metavar="CAUSE", help="as a verdict names it (default: list all)")


def _gate(gate: argparse.ArgumentParser) -> None:
    gate.add_argument(
        "runs",
        nargs="+",
        metavar="RUN",
        help="files of `verify --json`, or folders or names of stored runs, or `last`; repeats count",
    )
    gate.add_argument(
        "--baseline", type=Path, default=Path("harness-baseline.json"), metavar="FILE",
        help="what was accepted (default: harness-baseline.json)",
    )  # fmt: skip
    gate.add_argument("--accept", action="store_true", help="write these runs into the baseline instead")
    gate.add_argument("--quiet", action="store_true", help="only what was found, and the result")


def _defects(defects: argparse.ArgumentParser) -> None:
    defects.add_argument("--only", action="extend", nargs="+", metavar="ID", help="which defects (default: all)")
    defects.add_argument("--repeat", type=count, default=1, metavar="N", help="how often each (default: 1)")
    defects.add_argument("--json", type=new_file, metavar="FILE", help="also write the score as JSON (docs/json.md)")
    defects.add_argument(
        "--ledgers", type=Path, metavar="DIR", help="also keep the ledgers of what was found as expected, compressed"
    )
    defects.add_argument("--quiet", action="store_true", help="only the result, no progress")


def _worlds(worlds: argparse.ArgumentParser) -> None:
    worlds.add_argument("--seeds", type=count, default=100, metavar="N", help="how many worlds (default: 100)")
    worlds.add_argument("--first", type=whole, default=0, metavar="S", help="the first seed (default: 0)")
    worlds.add_argument(
        "--only", action="extend", nargs="+", type=whole, metavar="SEED", help="the worlds of these seeds"
    )
    worlds.add_argument("--no-shrinking", action="store_true", help="leave failing worlds as they were drawn")
    worlds.add_argument("--json", type=new_file, metavar="FILE", help="also write the score as JSON (docs/json.md)")
    worlds.add_argument("--table", type=new_file, metavar="FILE", help="also write the score as a Markdown page")
    worlds.add_argument("--quiet", action="store_true", help="only the result, no progress")


def _soak(soak: argparse.ArgumentParser) -> None:
    soak.add_argument("--runs", type=count, default=20, metavar="N", help="how many (default: 20)")
    soak.add_argument("--seed", type=whole, metavar="S", help="draw the same runs in the same order again")
    soak.add_argument("--json", type=new_file, metavar="FILE", help="also write the record as JSON (docs/json.md)")
    soak.add_argument("--table", type=new_file, metavar="FILE", help="also write the record as a Markdown page")
    soak.add_argument("--quiet", action="store_true", help="only the result, no progress")


def _up(up: argparse.ArgumentParser) -> None:
    up.add_argument(
        "--strategy", metavar="NAME",
        help=f"how events are routed (default: the system's first): {', '.join(options.own_strategies())}, or, "
        "to see it go wrong in the reference system, room-mismatch",
    )  # fmt: skip
    options.servers(up)
    options.target(up)


def _watch(watch: argparse.ArgumentParser) -> None:
    watch.add_argument(
        "--strategy", action="extend", nargs="+", type=one_of(options.strategies()), metavar="NAME",
        help=f"which strategies (default: all that the system promises): {', '.join(options.own_strategies())}",
    )  # fmt: skip
    options.target(watch)
    watch.add_argument("--no-run", action="store_true", help="make no run at the start: show those made elsewhere")
    watch.add_argument("--no-open", action="store_true", help="don't open the page in a browser")
    watch.add_argument(
        "--port", type=port, default=0, metavar="N", help="where the page is served (default: a free one)"
    )


def _history(history: argparse.ArgumentParser) -> None:
    history.usage = "harness history STATE … [--table FILE] [--json FILE] [--quiet] [-- COMMAND …]"
    history.add_argument(
        "states", nargs="+", metavar="STATE",
        help="commits, or ranges: A..B is A and every commit after it up to B. After `--` stands the command that "
        "verifies each, in the folder that stands for this one (default: harness verify)",
    )  # fmt: skip
    history.add_argument("--table", type=new_file, metavar="FILE", help="also write the table as Markdown")
    history.add_argument("--json", type=new_file, metavar="FILE", help="also write it as JSON (docs/json.md)")
    history.add_argument("--quiet", action="store_true", help="only the result, no progress")


def _report(report: argparse.ArgumentParser) -> None:
    options.results(report)
    report.add_argument(
        "--output", type=Path, default=Path("reports/allure-report"), metavar="DIR",
        help="where to; replaced as a whole (default: reports/allure-report)",
    )  # fmt: skip
    report.add_argument(
        "--history", type=Path, default=Path("reports/allure-history.jsonl"), metavar="FILE",
        help="the runs before this one, kept up to date (default: reports/allure-history.jsonl)",
    )  # fmt: skip


def _summary(summary: argparse.ArgumentParser) -> None:
    options.results(summary)
    summary.add_argument("--append", type=Path, metavar="FILE", help='to this file, as "$GITHUB_STEP_SUMMARY"')
    summary.add_argument("--annotate", action="store_true", help="also print GitHub's annotations, ranked by cause")


def _target_commands(target: argparse.ArgumentParser) -> None:
    commands = target.add_subparsers(dest="what", required=True, metavar="init|check|env")
    init = commands.add_parser("init", help="ask what is needed and write a target file; flags answer in advance")
    init.add_argument("file", type=Path, nargs="?", default=Path("target.toml"), metavar="FILE")
    init.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", dest="answers",
        help="the answer for a key, as process.server.command='node server.js'; may be given many times",
    )  # fmt: skip
    init.add_argument(
        "--from", type=Path, metavar="FILE", dest="description",
        help="an AsyncAPI document of the system (2 or 3, YAML or JSON): its messages are the events, and what they "
        "say is compared with it",
    )  # fmt: skip
    init.add_argument(
        "--from-traffic", action="store_true",
        help="run the system once written, and say in the file what was seen of its lines, messages and page",
    )  # fmt: skip
    init.add_argument("--yes", action="store_true", help="ask nothing: what has no answer gets its default")
    init.add_argument("--force", action="store_true", help="write over a file that is there")
    check = commands.add_parser("check", help="start the system, try each line of the file, say what was found")
    check.add_argument("file", type=Path, metavar="FILE")
    check.add_argument("--fix", action="store_true", help="write what is sure into the file, try it, keep what mends")
    env = commands.add_parser("env", help="print what puts the agent into containers, and where no environment gets in")
    env.add_argument("file", type=Path, metavar="FILE")


def _completion(completion: argparse.ArgumentParser) -> None:
    completion.add_argument(
        "shell", type=one_of(("bash", "zsh")), metavar="SHELL",
        help="bash: harness completion bash > ~/.local/share/bash-completion/completions/harness; "
        "zsh: into a file _harness in a folder of $fpath",
    )  # fmt: skip


def _spans(spans: argparse.ArgumentParser) -> None:
    options.run_of(spans)
    spans.add_argument(
        "--to", metavar="URL",
        help="send them to a collector by OTLP over HTTP, as http://localhost:4318 (default: print them as JSON lines)",
    )  # fmt: skip
    spans.add_argument("--most", type=count, default=1000, metavar="N", help="of how many events (default: 1000)")


def _mcp(mcp: argparse.ArgumentParser) -> None:
    options.target(mcp)


def _shannon(shannon: argparse.ArgumentParser) -> None:
    shannon.add_argument("arguments", nargs=argparse.REMAINDER, metavar="ARGUMENT", help="its own: see `do --help`")


COMMANDS: dict[str, tuple[str, Callable[[argparse.ArgumentParser], None]]] = {
    "verify": ("run server, dashboard, browser and CLI together and judge every hop", _verify),
    "reproduce": ("make a documented bug happen; succeeds when it is blamed rightly", _reproduce),
    "judge": ("judge a stored run again, without browser or network", _judge),
    "ledger": ("say what a run's ledger holds and whether it is whole; --jsonl writes it as JSON lines", _ledger),
    "show": ("answer questions about a stored run: an event, a dashboard, what went wrong", _show),
    "compare": ("compare two stored runs: hops, causes, events, what pages show", _compare),
    "load": ("verify under load: many dashboards beside a page, many sessions, events at a rate", _load),
    "open": ("open the page of a stored run in a browser, or that of all runs", _open),
    "index": ("make a page of all stored runs: verdicts, causes, filters, trend", _index),
    "trace": ("open the Playwright trace of a stored run: each step of a page, with its document then", _trace),
    "spans": ("tell a stored run as spans of OpenTelemetry, for Jaeger, Grafana and the like", _spans),
    "explain": ("say what a cause means: where it shows itself, what speaks against it, what to do", _explain),
    "gate": ("compare runs with what was accepted before (docs/gate.md)", _gate),
    "defects": ("break the reference system in every known way; succeeds when each bug is blamed rightly", _defects),
    "worlds": ("judge small systems made at random, whose truth is known; be right of each", _worlds),
    "soak": ("repeat clean runs under disturbance; none of them may raise an alarm", _soak),
    "watch": ("show each event the moment it passes a hop, and run again when files change", _watch),
    "history": ("verify a system in each of its commits, and say which moved the loss to which hop", _history),
    "up": ("start the whole stack and leave it for you to use, until Ctrl-C", _up),
    "report": ("build Allure's report from the results of pytest --alluredir", _report),
    "summary": ("sum up the results of pytest --alluredir in Markdown, for CI", _summary),
    "target": ("describe a system of your own in a file, and try the file", _target_commands),
    "shannon": ("the reference system's CLI: `harness shannon do TASK`", _shannon),
    "completion": ("print what a shell needs to complete commands, options and runs at a tab", _completion),
    "mcp": ("serve verify, show and explain to coding agents by the Model Context Protocol", _mcp),
    "doctor": ("say what is missing on this machine, and how to get it", lambda command: None),
}
"""Each command with what it does, and its arguments."""
