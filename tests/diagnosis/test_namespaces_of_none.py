"""A namespace that the server does not have is one bug, whoever asks for it; and refusals that are another."""

from __future__ import annotations

import pytest

from harness.model import Aspect, Finding, Hop, Kind, Outcome
from harness.model.facts import PageRefused
from harness.reporting import sentences
from tests.support.explained import explained, paper

PAGE = Outcome(
    Kind.REFUSED,
    "P14",
    None,
    "A",
    Hop.DELIVERED,
    (Hop.DELIVERED,),
    Finding(Aspect.DASHBOARD_OUTSIDE, party="dashboard:A"),
)


def refused(**how: object) -> tuple[set[str | None], str]:
    """The dashboards that the cause takes with it, and its sentence."""
    story = paper("cli-namespace").fact(PageRefused, "dashboard:A.1", **how)
    failed = [each for each in story.verdict().outcomes if each.kind is Kind.REFUSED and each.dashboard is None]
    [blame] = explained("cli-namespace", story, *failed, PAGE)
    return {o.dashboard for o in blame.explains if o.kind is Kind.REFUSED} - {None}, sentences.line(blame.sentence)


def test_pages_that_ask_for_the_same_are_told_in_one_go() -> None:
    labels, said = refused(text='{"message":"Invalid namespace"}', namespace="/producers")
    assert labels == {"A"}
    assert said == "the CLI and dashboard A ask for namespace '/producers', which the server does not have."


@pytest.mark.parametrize(
    "how",
    [
        {"text": '{"message":"Invalid namespace"}', "namespace": "/pages"},
        {"text": '{"message":"not you"}', "namespace": "/producers"},
        {"text": '{"message":"Invalid namespace"}'},
    ],
    ids=["another namespace", "another reason", "no namespace told"],
)
def test_pages_that_were_refused_for_another_reason_are_another_bug(how: dict[str, object]) -> None:
    labels, said = refused(**how)
    assert labels == set()
    assert said == "the CLI asks for namespace '/producers', which the server does not have."
