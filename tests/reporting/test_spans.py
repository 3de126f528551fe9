"""A run as spans: what follows what, what went wrong, and the traces of the system itself."""

from __future__ import annotations

import pytest

from harness.model import Sighting
from harness.record.evidence import Evidence
from harness.reporting.figures import Figures
from harness.reporting.spans import Span, run_span
from tests.support.history import History, clean
from tests.support.reported import judged, mismatch


def of(history: History, most: int = 100) -> Span:
    return run_span(Figures(*judged(history)), most)


def test_each_event_has_a_span_for_each_hop_and_dashboard_inside_that_of_the_run() -> None:
    run = of(clean())
    assert [event.attributes["harness.key"] for event in run.children] == ["s/1", "s/2", "s/3", "s/4"]
    first = run.children[0]
    passed = [(hop.name, hop.party) for hop in first.children]
    assert passed[:4] == [("emitted", "cli"), ("sent", "cli"), ("received", "server"), ("routed", "server")]
    assert sorted(passed[4:]) == sorted(
        (hop, f"dashboard {label}") for hop in ("delivered", "applied", "rendered") for label in "AB"
    )
    for event in run.children:
        assert run.begin_ns <= event.begin_ns <= event.end_ns <= run.end_ns
        assert all(event.begin_ns <= hop.begin_ns <= hop.end_ns <= event.end_ns for hop in event.children)
    assert not run.wrong and not any(event.wrong for event in run.children)


def test_what_was_lost_is_wrong_and_has_no_span_of_the_hops_after() -> None:
    run = of(mismatch())
    assert run.attributes["harness.cause"] == "room-mismatch" and "lost at routed" in run.wrong
    for event in run.children:
        assert event.wrong.startswith("lost at A: ")
        assert not {hop.name for hop in event.children} & {"delivered", "applied", "rendered"}
        assert event.children[-1].attributes["harness.room"] == "s"


@pytest.mark.parametrize(
    ("carried", "links"),
    [
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
         (("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"),)),
        ("00-nothing", ()),
        (7, ()),
    ],
)  # fmt: skip
def test_the_systems_own_trace_is_a_link(
    monkeypatch: pytest.MonkeyPatch, carried: object, links: tuple[tuple[str, str], ...]
) -> None:
    monkeypatch.setattr(Evidence, "payload", lambda self, digest: {"traceparent": carried})
    assert {event.links for event in of(clean()).children} == {links}


def test_those_that_went_wrong_come_first_where_there_are_too_many() -> None:
    history = clean()
    history.without(
        lambda r: isinstance(r, Sighting) and r.event.key == "s/3" and r.hop.label in ("applied", "rendered")
    )
    (only,) = of(history, 1).children
    assert only.attributes["harness.key"] == "s/3" and only.wrong
