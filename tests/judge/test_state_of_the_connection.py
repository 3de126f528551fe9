"""What a page's state says of its connection is compared with the server's members, as what a person reads is (P15)."""

from __future__ import annotations

import pytest

from harness.model import Answer, Hop
from tests.support.causes_in_clis import told
from tests.support.ledgers import Story

SAYS = {True: "connected", False: "disconnected"}


def page(state: bool | None, shown: bool | None, is_there: bool) -> Story:
    """Two pages, of which one says this of itself in its state and where a person reads it."""
    story = told() if is_there else told().disconnect("B")
    status = None if shown is None else {"text": SAYS[shown].title(), "connected": shown}
    return story.shows(
        "B", state_connection=None if state is None else SAYS[state], state_connected=state, status=status
    )


def wrong(story: Story) -> list[tuple[Hop | None, str | None]]:
    verdict = story.verdict()
    return [
        (o.hop, next((b.cause for b in verdict.blame if o in b.explains), None))
        for o in verdict.outcomes
        if o.prop == "P15"
    ]


@pytest.mark.parametrize("shown", [True, None])
@pytest.mark.parametrize("is_there", [True, False])
def test_a_state_that_is_so_passes(shown: bool | None, is_there: bool) -> None:
    story = page(is_there, shown and is_there, is_there)
    assert wrong(story) == []
    assert story.verdict().answer is Answer.PASSED


def test_what_can_not_be_read_is_not_compared() -> None:
    assert wrong(page(None, True, True).shows("B", state_connection="1")) == []


@pytest.mark.parametrize(
    ("state", "shown", "hop"),
    [
        (True, False, Hop.APPLIED),
        (True, None, Hop.APPLIED),
        (True, True, Hop.APPLIED),
        (False, True, Hop.RENDERED),
        (None, True, Hop.RENDERED),
    ],
)
def test_a_page_that_says_connected_and_is_not(state: bool | None, shown: bool | None, hop: Hop) -> None:
    """What is shown of a state that is wrong is not a second bug."""
    assert wrong(page(state, shown, is_there=False)) == [(hop, "says-connected")]


@pytest.mark.parametrize(("state", "shown", "hop"), [(False, True, Hop.APPLIED), (True, False, Hop.RENDERED)])
def test_a_page_that_says_disconnected_and_is_connected(state: bool, shown: bool, hop: Hop) -> None:
    assert wrong(page(state, shown, is_there=True)) == [(hop, "unexplained")]


def test_the_evidence_says_what_the_state_says() -> None:
    [blame] = page(True, False, is_there=False).verdict().blame
    assert blame.evidence[-2:] == (
        "dashboard B: its state says 'connected'",
        "dashboard B: it says 'Disconnected'",
    )
