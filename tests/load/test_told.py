"""What clients logged becomes the records that a page's tap would have written."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.load.log import Log, Way, read
from harness.load.told import Told, told
from harness.model import Hop
from harness.model.facts import Answered, FrameUnread, Notice, PageClosed, PageConnected, PageRefused, Requested
from harness.record.identity import Envelope

OBSERVERS = ["dashboard:L1.1", "dashboard:L2.1"]
FIRST = 10
ONE, TWO = (f'2["step",{{"type":"step","session":"s","seq":{n},"data":{{"n":{n}}}}}]' for n in (1, 2))


def log_of(*rows: tuple[int, Way, str]) -> Log:
    log = Log()
    for at_ns, row in enumerate(rows, 100):
        log.note(*row, at_ns)
    return log


def told_of(*rows: tuple[int, Way, str]) -> Told:
    return told(log_of(*rows), OBSERVERS, Envelope().read, lambda name: None, FIRST)


def test_events_are_columns_that_share_what_was_said() -> None:
    found = told_of((0, Way.GOT, ONE), (1, Way.GOT, ONE), (1, Way.GOT, TWO), (0, Way.GOT, TWO))
    assert len(found.sightings.said) == 2
    assert [(s.hop, s.event.key, s.observer, s.n, s.at_ns) for s in found.sightings] == [
        (Hop.DELIVERED, "s/1", "dashboard:L1.1", 10, 100),
        (Hop.DELIVERED, "s/1", "dashboard:L2.1", 10, 101),
        (Hop.DELIVERED, "s/2", "dashboard:L2.1", 11, 102),
        (Hop.DELIVERED, "s/2", "dashboard:L1.1", 11, 103),
    ]
    assert (found.rows, found.facts) == ({0: 2, 1: 2}, ())


def test_an_event_that_a_client_sends_itself_is_not_delivered_to_it() -> None:
    assert not len(told_of((0, Way.SENT, ONE)).sightings)


def test_the_rest_is_told_as_a_page_tells_it() -> None:
    found = told_of(
        (0, Way.GOT, '0{"sid":"id-1"}'),
        (0, Way.GOT, '2["hello",{"token":"secret","n":1}]'),
        (0, Way.SENT, '20["subscribe",{"session":"s","token":"secret"}]'),
        (0, Way.GOT, '30[{"ok":true}]'),
        (0, Way.GOT, '2["step",{"n":NaN}]'),
        (0, Way.LOST, "code 1006"),
        (1, Way.REFUSED, "the server answered 400"),
    )
    bodies = [fact.body for fact in found.facts]
    assert bodies == [
        PageConnected("id-1", "websocket"),
        Notice("hello", {"token": "(redacted)", "n": 1}),
        Requested("subscribe", [{"session": "s", "token": "(redacted)"}], 0, "id-1"),
        Answered("subscribe", [{"ok": True}], 0, "id-1"),
        FrameUnread("NaN is not JSON", "id-1"),
        PageClosed("id-1", "websocket", None, "code 1006"),
        PageRefused("the server answered 400"),
    ]
    assert [fact.n for fact in found.facts] == [10, 11, 12, 13, 14, 15, 10]
    assert found.lost == {0, 1}


def test_each_connection_has_its_own_id_and_its_own_questions() -> None:
    rows = [
        (0, Way.GOT, '0{"sid":"a"}'),
        (1, Way.GOT, '0{"sid":"b"}'),
        (0, Way.SENT, '20["one"]'),
        (1, Way.SENT, '20["two"]'),
    ]
    found = told_of(*rows, (1, Way.GOT, "30[]"), (0, Way.GOT, "30[]"))
    answers = [(fact.body.name, fact.body.sid) for fact in found.facts if isinstance(fact.body, Answered)]
    assert answers == [("two", "b"), ("one", "a")]


def test_attachments_are_part_of_the_event() -> None:
    packet = '51-["step",{"type":"step","session":"s","seq":1,"data":{"_placeholder":true,"num":0}}]'
    found = [told_of((0, Way.GOT, f'{packet}\n[{{"size":3,"sha1":"{sha1}"}}]')) for sha1 in ("aa", "bb")]
    data = [each.sightings.said[0].event.told for each in found]
    assert [each is not None and each.data for each in data] == [
        {"_bytes": 3, "sha1": "aa"},
        {"_bytes": 3, "sha1": "bb"},
    ]
    assert found[0].sightings.said[0].event.digest != found[1].sightings.said[0].event.digest


def test_a_log_is_read_as_it_was_written_and_one_that_was_cut_off_is_not(tmp_path: Path) -> None:
    log = log_of((0, Way.GOT, ONE), (1, Way.LOST, "\u2028 ünï\n"), (1, Way.GOT, ONE))
    log.fences[1] = 2.5
    log.write(tmp_path / "log")
    found = read(tmp_path / "log")
    assert (found.texts, found.member, found.way, found.text, found.at_ns, found.fences) == (
        log.texts, log.member, log.way, log.text, log.at_ns, log.fences,
    )  # fmt: skip
    (tmp_path / "cut").write_bytes((tmp_path / "log").read_bytes()[:-1])
    with pytest.raises((EOFError, ValueError)):
        read(tmp_path / "cut")


def test_one_message_with_several_events_is_a_row_of_each() -> None:
    envelope = Envelope("steps", each="")
    text = '2["steps",[{"type":"a","session":"s","seq":1,"data":1},{"type":"b","session":"s","seq":2,"data":2}]]'
    found = told(log_of((0, Way.GOT, text), (1, Way.GOT, text)), OBSERVERS, envelope, lambda name: None, FIRST)
    assert [(s.event.key, s.observer, s.n) for s in found.sightings] == [
        (f"s/{n}", observer, 10) for observer in OBSERVERS for n in (1, 2)
    ]
