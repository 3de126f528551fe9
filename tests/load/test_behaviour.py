"""What clients say, learned from what a page said."""

from __future__ import annotations

import json

import pytest

from harness.load.behaviour import SLOT, Behaviour, Reaction, filled, reactions_in
from harness.load.packet import Packet, parted

ANNOUNCED = '2["session:announced",{"session":"s-1","seq":0}]'
BEHAVIOUR = Behaviour("ws://127.0.0.1:1/socket.io/?EIO=4&transport=websocket", {"Origin": "http://127.0.0.1:2"}, ("0",))


@pytest.mark.parametrize(
    ("text", "packet"),
    [
        ("0", Packet("0", 0, "/", None, "")),
        ('0{"sid":"x"}', Packet("0", 0, "/", None, '{"sid":"x"}')),
        ('0/desk,{"token":"a,b"}', Packet("0", 0, "/desk", None, '{"token":"a,b"}')),
        ("1/desk,", Packet("1", 0, "/desk", None, "")),
        ('212["ask",1]', Packet("2", 0, "/", 12, '["ask",1]')),
        ('2/desk,7["ask"]', Packet("2", 0, "/desk", 7, '["ask"]')),
        ('37[{"ok":true}]', Packet("3", 0, "/", 7, '[{"ok":true}]')),
        ('51-/desk,["file",{"num":0}]', Packet("5", 1, "/desk", None, '["file",{"num":0}]')),
        ('2["line\\nbreak","a\nb"]', Packet("2", 0, "/", None, '["line\\nbreak","a\nb"]')),
    ],
)  # fmt: skip
def test_a_packet_has_its_parts_and_is_made_of_them_again(text: str, packet: Packet) -> None:
    assert parted(text) == packet
    assert parted(packet.text) == packet


@pytest.mark.parametrize("text", ["", "9", "probe", "\x00"])
def test_what_is_not_a_packet_has_none(text: str) -> None:
    assert parted(text) is None


def test_what_a_page_said_when_it_was_told_of_a_session_is_a_reaction() -> None:
    passed = [
        (True, "0"),
        (False, '0{"sid":"x"}'),
        (True, '20["hello",{"session":"s-1"}]'),  # it was not told of the session: it knew
        (False, ANNOUNCED),
        (True, '21["subscribe",{"session":"s-1","after":0}]'),
        (False, '31[{"ok":true,"session":"s-1"}]'),
        (False, '2["step",{"session":"s-1","seq":1}]'),
    ]
    reaction = Reaction("session:announced", (0, "session"), '21["subscribe",{"session":"' + SLOT + '","after":0}]')
    assert reactions_in(passed, "s-1") == (reaction,)


def test_a_page_that_says_nothing_of_sessions_has_no_reaction() -> None:
    assert reactions_in([(False, ANNOUNCED), (True, '2["typing",{}]')], "s-1") == ()


def test_a_client_reacts_to_every_session_and_to_that_message_alone() -> None:
    reaction = Reaction("session:announced", (0, "session"), '21["subscribe",{"session":"' + SLOT + '"}]')
    behaviour = Behaviour(**{**BEHAVIOUR.to_json(), "connects": ("0",), "reactions": (reaction,)})
    other = parted(ANNOUNCED.replace("s-1", 's\\"2'))
    assert other is not None
    assert behaviour.answers_to(other) == ['21["subscribe",{"session":"s\\"2"}]']
    for text in (
        '2["session:ended",{"session":"s-1"}]',
        '2["session:announced",{"session":7}]',
        '2["session:announced"]',
        "2x",
    ):
        packet = parted(text)
        assert packet is not None and behaviour.answers_to(packet) == []


def test_a_session_stays_a_text_wherever_it_is_put() -> None:
    hostile = 'a"],"b":{{session}}\n'
    assert json.loads(filled(f'["subscribe",{{"session":"{SLOT}"}}]', hostile)) == ["subscribe", {"session": hostile}]


def test_it_is_handed_over_as_json() -> None:
    reaction = Reaction("told", (0, "list", 2), '2["more"]')
    whole = Behaviour(BEHAVIOUR.url, {"Cookie": "a=b"}, ("0", "0/desk,"), ('2["hi"]',), (reaction,), insecure=True)
    assert Behaviour.of(json.loads(json.dumps(whole.to_json()))) == whole
