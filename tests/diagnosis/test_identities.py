"""Events that are known by another's key at a hop, and near misses of that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from harness.diagnosis import verdict_of
from harness.diagnosis._identities import changed_keys, is_changed
from harness.model import Event, Hop, Kind, Record, Sighting, Told
from harness.model.facts import View
from harness.record.digests import digest
from harness.record.ledger import Ledger
from tests.support.causes import CAUSES, told
from tests.support.causes_in_clis import ALL
from tests.support.explained import evidence, outcome
from tests.support.facts import other
from tests.support.ledgers import Story
from tests.support.records import at


def causes(story: Story) -> set[tuple[str, Hop]]:
    return {(blame.cause, blame.hops[0]) for blame in story.verdict().blame}


def test_events_that_all_count_one_less_are_one_blame() -> None:
    story = told()
    for key in ALL:
        seq = int(key.partition("/")[2]) - 1
        story.change(
            lambda r, key=key: getattr(r, "hop", Hop.EMITTED) >= Hop.ROUTED and r.event.key == key,  # type: ignore[misc]
            lambda s, seq=seq: replace(s, event=replace(s.event, key=f"main/{seq}", seq=seq)),  # type: ignore[misc]
        )
    assert causes(story) == {("identity-changed", Hop.ROUTED)}


def test_an_event_that_is_made_up_beside_one_that_is_lost_is_not_the_same() -> None:
    """What it says is another thing."""
    story = CAUSES["made-up"][1]().lose("main/4", Hop.ROUTED, "A").lose("main/4", Hop.ROUTED, "B")
    story.drop(at(Hop.ROUTED, "main/4"))
    assert ("identity-changed", Hop.ROUTED) not in causes(story)
    assert changed_keys(evidence(story), Hop.ROUTED, "") == {}


def test_a_payload_that_another_event_has_too_is_not_another_identity() -> None:
    story = told().change(at(Hop.ROUTED, "main/4"), lambda s: replace(s, event=replace(s.event, digest="digest-4b")))
    assert changed_keys(evidence(story), Hop.ROUTED, "") == {}


def test_a_payload_that_became_another_event_s_is_not_its_identity_if_that_came_too() -> None:
    story = told()
    [five] = [r.event for r in story.records if isinstance(r, Sighting) and at(Hop.EMITTED, "main/5")(r)]
    story.change(
        lambda r: isinstance(r, Sighting) and r.hop >= Hop.ROUTED and r.event.key == "main/4",
        lambda s: replace(s, event=replace(s.event, name=five.name, digest=five.digest)),
    )
    assert changed_keys(evidence(story), Hop.ROUTED, "") == {}


def test_an_event_that_another_is_taken_for_is_lost_for_a_reason_of_its_own() -> None:
    story = told()
    story.change(
        lambda r: isinstance(r, Sighting) and r.hop >= Hop.APPLIED and r.event.key == "main/4",
        lambda s: replace(s, event=replace(s.event, key="main/3", seq=3)),
    )
    lost = [outcome(Kind.LOST, Hop.APPLIED, key) for key in ("main/3", "main/4")]
    known = evidence(story)
    assert [is_changed(known, each) for each in lost] == [False, True]
    assert is_changed(known, outcome(Kind.DUPLICATED, Hop.APPLIED, "main/3"))


def test_a_page_that_keeps_an_event_under_another_number_is_one_blame() -> None:
    story = told()
    story.change(
        lambda r: isinstance(r, Sighting) and r.hop >= Hop.APPLIED and r.event.key == "main/4",
        lambda s: replace(s, event=replace(s.event, key="main/3", seq=3)),
    )
    assert ("identity-changed", Hop.APPLIED) in causes(story)


TITLES = ("tidy the notes", "write a letter", "water the plants", "feed the cat", "call the bank", "buy bread", "rest")


def numbered(
    third: str, is_numbered: bool = True, titles: Sequence[str] = TITLES, lost: str = ""
) -> set[tuple[str, Hop]]:
    """The causes of a list whose fourth row says that it is event 3, and shows `third`; one may be lost before."""
    keys, texts = [*ALL[:3], ALL[2], *ALL[4:]], [f"today: {title}" for title in titles]
    texts[3] = f"today: {third}"
    if lost:
        del texts[keys.index(lost)], keys[keys.index(lost)]
    ledger = (told().lose(lost, Hop.DELIVERED, "A") if lost else told()).ledger()

    def said(record: Record) -> Record:
        if not isinstance(record, Sighting):
            return (
                other(record, rows=keys, texts=texts, counter=None, rows_numbered=is_numbered)
                if isinstance(record.body, View)
                else record
            )
        data = {"title": titles[ALL.index(record.event.key)]}
        known = replace(record.event, told=Told(data), digest=None if record.event.digest is None else digest(data))
        if record.hop is Hop.RENDERED and known.key == "main/4":
            known = replace(known, key="main/3", seq=3)
        return replace(record, event=known)

    contract = replace(ledger.contract, panels=())
    verdict = verdict_of(Ledger.of(contract, [*map(said, ledger.sightings), *map(said, ledger.facts)]))
    return {(blame.cause, blame.hops[0]) for blame in verdict.blame}


def test_a_row_that_says_another_number_is_told_by_what_it_shows() -> None:
    assert numbered(TITLES[3]) == {("identity-changed", Hop.RENDERED)}
    assert ("row-twice", Hop.RENDERED) in numbered(TITLES[2])
    assert ("identity-changed", Hop.RENDERED) not in numbered(TITLES[2])


def test_what_never_came_to_a_page_has_no_row_there_that_says_another_number() -> None:
    alike = [*TITLES[:6], TITLES[3]]
    assert ("identity-changed", Hop.RENDERED) in numbered(TITLES[3], titles=alike, lost=ALL[6])


def test_a_row_that_may_be_another_event_s_is_not_called_a_second_one_of_the_same() -> None:
    assert not numbered(TITLES[2], is_numbered=False) & {
        ("row-twice", Hop.RENDERED),
        ("identity-changed", Hop.RENDERED),
    }


def cut_by_the_cli(story: Story) -> Story:
    """The CLI sends its events under the beginning of their session's id, and no handler takes them."""
    story.drop(lambda r: isinstance(r, Sighting) and r.hop > Hop.SENT)
    return story.change(at(Hop.SENT), lambda s: replace(s, event=replace(s.event, key=f"m/{s.event.seq}", session="m")))


def test_what_the_cli_itself_sends_under_another_session_is_not_what_it_reported() -> None:
    assert changed_keys(evidence(cut_by_the_cli(told())), Hop.SENT, "") == {key: f"m/{key[5:]}" for key in ALL}
    assert ("identity-changed", Hop.SENT) in causes(cut_by_the_cli(told()))


def test_the_session_that_such_events_make_up_is_no_second_bug_and_no_event_has_another_name() -> None:
    story = cut_by_the_cli(told().change(is_seen, lambda s: replace(s, event=replace(s.event, digest="the same"))))
    assert {cause for cause, _ in causes(story)} == {"identity-changed"}


def is_seen(record: Record) -> bool:
    return isinstance(record, Sighting)


def test_what_the_cli_sends_beside_what_it_reported_is_made_up() -> None:
    story = told().drop(at(Hop.SENT, "main/4"))
    story.see(Hop.SENT, replace(made("main/4", story), key="m/9", session="m", seq=9, digest="another"), "cli:main")
    assert changed_keys(evidence(story), Hop.SENT, "") == {}


def made(key: str, story: Story) -> Event:
    return next(r.event for r in story.records if isinstance(r, Sighting) and r.event.key == key)
