"""Who ended a WebSocket: the first closing frame says so, and its code whether that was meant."""

from __future__ import annotations

from typing import Any

import pytest

from harness.taps.wire.conversation import Conversation, Sessions
from tests.support.proxied import frame

LINES = "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1", "Host: h", "Upgrade: websocket", "Connection: Upgrade"
UPGRADE = "\r\n".join((*LINES, "", "")).encode()
TAKEN = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
OPEN = '0{"sid":"e","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}'
MASK = b"abcd"
SOON_NS, MUCH_LATER_NS = 1_000_000, 46_000_000_000


class Heard:
    """What a conversation tells of ends and of trouble; the rest does not matter here."""

    def __init__(self) -> None:
        self.ends: list[str] = []

    def disconnected(self, link: Any, reason: str, at_ns: int) -> None:
        self.ends.append(reason)

    def __getattr__(self, name: str) -> Any:
        return lambda *told: self.ends.append(str(told[0])) if name == "trouble" else None


def ends(*said: tuple[bool, bytes, int]) -> list[str]:
    """What is told of the ends of a connection over which this was said: from the client or not, and when."""
    heard = Heard()
    talk = Conversation("cli:main", Sessions(heard))
    opening = [(True, UPGRADE, 0), (False, TAKEN + frame(OPEN), 0)]
    opening += [(True, frame("40", MASK), 0), (False, frame('40{"sid":"s"}'), 0)]
    for is_up, data, at_ns in (*opening, *said):
        for _ in talk.feed(data, is_up, at_ns):
            pass
    for is_up in (True, False):
        talk.ended(is_up, MUCH_LATER_NS)
    return heard.ends


def close(code: int | None, mask: bytes = b"") -> bytes:
    return frame(b"" if code is None else code.to_bytes(2), mask, first=0x88)


@pytest.mark.parametrize("code", [1000, None])
@pytest.mark.parametrize(("is_up", "reason"), [(True, "client disconnect"), (False, "server disconnect")])
def test_who_closes_a_websocket_first_has_ended_it(is_up: bool, reason: str, code: int | None) -> None:
    first = (is_up, close(code, MASK if is_up else b""), SOON_NS)
    assert ends(first, (not is_up, close(code, b"" if is_up else MASK), SOON_NS)) == [reason]


@pytest.mark.parametrize("code", [1001, 1006, 1011, 1012], ids=["left", "abnormal", "failed", "restarts"])
@pytest.mark.parametrize("is_up", [True, False])
def test_another_code_than_that_of_a_normal_end_is_an_unintended_end(is_up: bool, code: int) -> None:
    assert ends((is_up, close(code, MASK if is_up else b""), SOON_NS)) == ["transport close"]


@pytest.mark.parametrize("is_up", [True, False])
def test_who_waited_in_vain_for_the_other_did_not_choose_to_close(is_up: bool) -> None:
    assert ends((is_up, close(1000, MASK if is_up else b""), MUCH_LATER_NS)) == ["transport close"]


def test_a_connection_that_breaks_without_a_closing_frame_was_ended_by_neither_side() -> None:
    assert ends() == ["transport close"]


def test_the_packet_that_ends_a_session_counts_before_the_frame() -> None:
    assert ends((False, frame("41"), SOON_NS), (True, close(1000, MASK), SOON_NS)) == ["server disconnect"]
