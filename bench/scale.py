"""`make scale`: the load of docs/scale.md measured on this machine, one row for each size, written into that page."""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.figures import machine
from harness.commands.parser import main as harness

PAGE = Path(__file__).parents[1] / "docs" / "scale.md"
HEADING = "## Measured"

SIZES = ((10, 4, 200, 20.0), (100, 10, 400, 20.0), (1000, 20, 1000, 10.0))
"""Clients, sessions, events in all, events a second."""

STRATEGIES = ("broadcast", "subscription")

HEAD = (
    "strategy", "dashboards", "sessions", "events", "rate/s", "deliveries", "verdict", "lost", "leaked",
    "routed p50/p99", "delivered p50/p99", "rendered p50/p99", "verdict after", "system", "harness", "clients",
)  # fmt: skip


def measured(strategy: str, size: tuple[int, int, int, float], folder: Path) -> list[str] | None:
    """One row; None where the harness itself broke."""
    clients, sessions, events, rate = size
    file = folder / "load.json"
    said = [
        *("load", "--strategy", strategy, "--dashboards", str(clients), "--sessions", str(sessions)),
        *("--events", str(events), "--rate", str(rate), "--json", str(file)),
    ]
    with contextlib.redirect_stdout(sys.stderr):
        if harness(said) not in (0, 1, 3):
            return None
    (run,) = json.loads(file.read_text("utf-8"))["runs"]
    load, told = run["load"], run["load"]["outcomes"]
    latency = (load["latency_ms"].get(hop) for hop in ("routed", "delivered", "rendered"))
    return [
        *(strategy, str(clients), str(sessions), str(events), f"{rate:g}", f"{load['deliveries']:,}", run["verdict"]),
        *(str(told["lost"]), str(told["leaked"])),
        *("–" if each is None else f"{each['p50']:.0f} / {each['p99']:.0f} ms" for each in latency),
        f"{_after_s(Path(run['run_dir'])):.1f} s",
        *(_spent(load["spent"].get(party)) for party in ("system", "harness", "clients")),
    ]


def _after_s(run: Path) -> float:
    """From the end of the last CLI to the verdict: the proof of absence, what the clients saw, and the judge."""
    spans = json.loads((run / "profile.json").read_text("utf-8"))["spans"]
    end = {span["name"]: span["start_ms"] + span["ms"] for span in spans}
    return float(end["judge"] - end["workload"]) / 1000


def _spent(told: dict[str, Any] | None) -> str:
    return "–" if told is None else f"{told['cpu_s']:.0f} s, {told['memory_mb']:.0f} MB"


def main() -> int:
    """Measure all sizes, and write the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.scale", description=__doc__)
    parser.add_argument("--most", type=int, default=SIZES[-1][0], help="leave out larger ones")
    arguments = parser.parse_args()
    lines = ["| " + " | ".join(HEAD) + " |", "|" + " --- |" * len(HEAD)]
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        for size in (each for each in SIZES if each[0] <= arguments.most):
            for strategy in STRATEGIES:
                if (row := measured(strategy, size, Path(folder))) is not None:
                    lines.append("| " + " | ".join(row) + " |")
                    _write(lines)
    return 0


def _write(lines: list[str]) -> None:
    kept = PAGE.read_text("utf-8").partition(HEADING)[0]
    about = (
        f"By `make scale`, on {machine()}. Beside the clients there is one page. Times are since an event\n"
        "was first seen; *verdict after* is from the end of the last CLI. Processor and memory are of the servers\n"
        "(*system*), of the clients' processes, and of the *harness* with its browser; the CLIs are not in it."
    )
    PAGE.write_text(f"{kept.rstrip()}\n\n{HEADING}\n\n{about}\n\n" + "\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    sys.exit(main())
