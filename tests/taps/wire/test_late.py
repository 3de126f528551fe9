"""What still passes the wire proxy after one side has left: it is late, and no trouble."""

from __future__ import annotations

import json

import pytest
from socketio.packet import Packet

from harness.model import Hop
from harness.model.facts import Disconnected
from harness.record.identity import Envelope
from harness.taps.wire.conversation import Conversation, Sessions
from harness.taps.wire.packets import Socket
from harness.taps.wire.telling import Telling
from tests.support.proxied import Seen, frame, step

UP, DOWN = True, False
LEFT_BY_CLIENT, LEFT_BY_SERVER = (UP, "41"), (DOWN, "41")


def event(number: int) -> str:
    """The Engine.IO message of an event that wants an answer."""
    text = Packet(packet_type=Socket.EVENT, data=["publish", step(number)], id=number).encode()
    assert isinstance(text, str)
    return f"4{text}"


class Connection:
    """A WebSocket on which the server has let a client in."""

    def __init__(self) -> None:
        self.seen = Seen()
        self.telling = Telling(self.seen, Envelope(carrier="publish").read, lambda: "server", lambda *_: "cli:main")
        self.conversation = Conversation("cli:main", Sessions(self.telling))
        self.feed(UP, b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nUpgrade: websocket\r\n\r\n")
        self.feed(DOWN, b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n")
        for is_up, text in ((DOWN, "0" + json.dumps({"sid": "e"})), (UP, "40"), (DOWN, '40{"sid":"s"}')):
            self.say(is_up, text)

    def feed(self, is_up: bool, data: bytes) -> None:
        for _ in self.conversation.feed(data, is_up, 1):
            pass

    def say(self, is_up: bool, text: str) -> None:
        self.feed(is_up, frame(text, b"mask" if is_up else b""))


@pytest.mark.parametrize("first", [UP, DOWN])
def test_what_the_server_still_sends_to_a_closed_client_is_not_a_trouble(first: bool) -> None:
    connection = Connection()
    connection.conversation.ended(first, 2)
    connection.say(DOWN, event(1))
    connection.say(DOWN, "1")
    connection.conversation.ended(not first, 3)
    assert connection.telling.troubles == [] and connection.telling.members == {}
    assert len(connection.seen.facts(Disconnected)) == 1


@pytest.mark.parametrize("leaving", [LEFT_BY_CLIENT, LEFT_BY_SERVER, (UP, "1"), (DOWN, "1")])
def test_an_event_sent_before_its_producer_knew_is_sent_and_not_waited_for(leaving: tuple[bool, str]) -> None:
    connection = Connection()
    connection.say(*leaving)
    connection.say(UP, event(1))
    connection.say(DOWN, event(2))
    connection.say(DOWN, "431[]")
    assert connection.telling.troubles == [] and connection.telling.open == {}
    assert connection.seen.keys(Hop.SENT) == ["s/1"]
    assert connection.seen.keys(Hop.RECEIVED) == []


def test_a_client_that_comes_back_is_a_member_again() -> None:
    connection = Connection()
    connection.say(*LEFT_BY_CLIENT)
    connection.say(UP, "40")
    connection.say(DOWN, '40{"sid":"again"}')
    connection.say(UP, event(1))
    connection.say(DOWN, "431[]")
    assert list(connection.telling.members) == ["again"]
    assert connection.seen.keys(Hop.SENT) == connection.seen.keys(Hop.RECEIVED) == ["s/1"]


def test_a_namespace_without_a_request_is_told() -> None:
    connection = Connection()
    connection.say(DOWN, '42/other,["news"]')
    assert connection.telling.troubles == [
        "a connection of cli:main carried a packet for namespace '/other', which the client did not ask for"
    ]
