"""`index.html` in the folder of runs: all of them with filters and a trend, in one file."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from harness.archive.index import Indexed
from harness.model import Hop
from harness.reporting.escape import clip, visible
from harness.reporting.page.single_file import data_block, environment, policy

FILE = "index.html"


def write(runs: Path, indexed: Sequence[Indexed], now_s: float | None = None) -> Path:
    """Write the page; its path."""
    path = runs / FILE
    path.write_text(html(runs, indexed, time.time() if now_s is None else now_s), encoding="utf-8")
    return path


def html(runs: Path, indexed: Sequence[Indexed], now_s: float) -> str:
    """The page of these runs, the newest first."""
    style, script = _assets()
    data = {"now_s": round(now_s), "hops": [hop.label for hop in Hop], "runs": [_row(runs, each) for each in indexed]}
    return (
        environment("harness.archive")
        .get_template(FILE)
        .render(style=style, script=script, policy=policy(style, script), data=data_block(data), where=str(runs))
    )


def _row(runs: Path, run: Indexed) -> list[Any]:
    """A run for the script: every text harmless, its page as a link from here where it has one."""
    link = f"{quote(run.name)}/run.html" if (runs / run.name / "run.html").is_file() else ""
    texts = (run.name, run.target, run.strategy, run.verdict, run.cause, run.bad, run.commit)
    return [
        *(visible(clip(text, 200)) for text in texts),
        list(run.hops),
        round(run.made_s),
        round(run.seconds, 1),
        link,
    ]


@cache
def _assets() -> tuple[Markup, Markup]:
    """Style and script. They are files of these packages, which only they write."""
    shared = (files("harness.reporting.page") / "static" / "run.css").read_text("utf-8")
    static = files("harness.archive") / "static"
    style = shared + (static / "index.css").read_text("utf-8")
    return Markup(style), Markup('"use strict";\n' + (static / "index.js").read_text("utf-8"))  # noqa: S704
