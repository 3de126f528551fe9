"""`profile.json` and `profile.svg`: where the milliseconds of one verification went. Not part of the verdict."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from harness.lib.timing import Span
from harness.reporting.svg import line, picture, text

PROFILE = "profile.svg"

_LEFT, _WIDTH, _TOP, _ROW = 170, 620, 46, 22


def write(spans: Iterable[Span], run_dir: Path) -> Path:
    """Both files, into the run folder; the path of the picture."""
    spans = list(spans)
    start_s = min((span.start_s for span in spans), default=0.0)
    rows = [
        {"name": s.name, "start_ms": round((s.start_s - start_s) * 1000, 1), "ms": round(s.seconds * 1000, 1)}
        for s in spans
    ]
    (run_dir / "profile.json").write_text(json.dumps({"schema": 1, "spans": rows}, indent=1) + "\n")
    path = run_dir / PROFILE
    path.write_text(profile_picture(spans), encoding="utf-8")
    return path


def profile_picture(spans: Sequence[Span]) -> str:
    """A row for each span, as long as it took, at the time at which it began."""
    start_s = min((span.start_s for span in spans), default=0.0)
    whole_s = max((span.end_s for span in spans), default=start_s) - start_s or 1.0
    bottom = _TOP + _ROW * len(spans)
    told = ", ".join(f"{span.name} {span.seconds * 1000:.0f} ms" for span in spans)
    shapes = [*_scale(whole_s, bottom), *(shape for i, s in enumerate(spans) for shape in _bar(i, s, start_s, whole_s))]
    return picture(_LEFT + _WIDTH + 90, bottom + 16, "Where the time went", f"{whole_s:.2f} s: {told}", shapes)


def _bar(index: int, span: Span, start_s: float, whole_s: float) -> Iterator[str]:
    x = _LEFT + _WIDTH * (span.start_s - start_s) / whole_s
    width = max(_WIDTH * span.seconds / whole_s, 1.5)
    y = _TOP + _ROW * index
    yield text(_LEFT - 12, y + 12, span.name, "soft", "end", 26)
    yield f'<rect class="node" x="{x:.1f}" y="{y + 2}" width="{width:.1f}" height="{_ROW - 8}" rx="2"/>'
    yield text(x + width + 6, y + 13, f"{span.seconds * 1000:,.0f} ms", "soft", "start")


def _scale(whole_s: float, bottom: float) -> Iterator[str]:
    step_s = next(step for step in (0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 600) if whole_s / step <= 10 or step == 600)
    for number in range(int(whole_s / step_s) + 1):
        x = _LEFT + _WIDTH * number * step_s / whole_s
        yield line(x, 30, x, bottom, "lane")
        yield text(x, 24, f"{number * step_s:g} s", "soft")
