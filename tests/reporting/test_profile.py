"""Where a run's time went: spans, and the picture of them."""

from __future__ import annotations

import json
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest

from harness.lib.timing import Span, Spans, process_start_s
from harness.reporting.profile import profile_picture, write

SPANS = (Span("spawn", 10.0, 10.25), Span("act", 10.25, 12.0), Span("pages <A> & B", 10.3, 11.0))
SVG = "{http://www.w3.org/2000/svg}"


def test_spans_are_kept_in_the_order_of_their_beginnings() -> None:
    spans = Spans()
    with spans("act"), spans("pages"):
        pass
    with pytest.raises(ValueError, match="broken off"), spans("proof"):
        raise ValueError("broken off")
    assert [span.name for span in spans] == ["act", "pages", "proof"]
    workload, pages, _ = spans
    assert workload.start_s <= pages.start_s <= pages.end_s <= workload.end_s
    spans.clear()
    assert list(spans) == []


def test_a_process_began_before_now() -> None:
    began_s = process_start_s()
    assert began_s is None or began_s < time.monotonic()


def test_the_picture_has_a_bar_as_long_as_each_span() -> None:
    root = ElementTree.fromstring(profile_picture(SPANS))
    bars = [float(bar.get("width", 0)) for bar in root.iter(f"{SVG}rect") if bar.get("class") == "node"]
    assert bars[1] == pytest.approx(bars[0] * 7, rel=0.01)
    words = [text.text for text in root.iter(f"{SVG}text")]
    assert "pages <A> & B" in words
    assert "250 ms" in words


def test_nothing_measured_is_an_empty_picture() -> None:
    assert ElementTree.fromstring(profile_picture(())) is not None


def test_the_figures_are_beside_the_picture(tmp_path: Path) -> None:
    assert write(SPANS, tmp_path).read_text().startswith("<svg")
    kept = json.loads((tmp_path / "profile.json").read_text())
    assert kept["schema"] == 1
    assert kept["spans"][2] == {"name": "pages <A> & B", "start_ms": 300.0, "ms": 700.0}
