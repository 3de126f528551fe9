"""Lines between a system's parts: cut, held, dropped, torn and slowed, and healthy again afterwards."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from harness.faults._lasting import OnLine, without
from harness.faults._relay import HEALTHY, Condition, Relay, Way
from tests.faults.test_faults import connect, echo, read


@pytest.fixture
def line() -> Iterator[Relay]:
    """A line to a server that sends everything back; nothing is left of it."""
    before = set(threading.enumerate())
    with echo() as url:
        relay = Relay(url)
        yield relay
        relay.close()
    assert set(threading.enumerate()) <= before


def test_a_cut_resets_every_connection_and_new_ones_are_refused_until_it_is_healed(line: Relay) -> None:
    with connect(line.url) as client:
        client.sendall(b"prime")
        assert read(client, 5) == b"prime"
        line.put(Condition(refuses=True))
        assert line.cut() == 1
        assert client.recv(1) == b""
    with connect(line.url) as refused:
        assert refused.recv(1) == b""
    line.put(HEALTHY)
    with connect(line.url) as client:
        client.sendall(b"again")
        assert read(client, 5) == b"again"


def test_what_is_held_goes_on_in_order_and_nothing_of_it_is_lost(line: Relay) -> None:
    with connect(line.url) as client:
        on = OnLine(line, Condition(holds=frozenset(Way)), 0.0, "pieces")
        client.settimeout(0.05)
        for number in range(20):
            client.sendall(b"%02d" % number)
        with pytest.raises(TimeoutError):
            client.recv(1)
        effect = on.heal()
        client.settimeout(10)
        assert read(client, 40) == b"".join(b"%02d" % number for number in range(20))
    assert effect.count >= 1


def test_a_half_open_line_loses_without_a_word_and_is_reset_in_the_end(line: Relay) -> None:
    with connect(line.url) as client:
        client.sendall(b"prime")
        assert read(client, 5) == b"prime"
        on = OnLine(line, Condition(drops=True), 0.0, "pieces", resets=True)
        client.settimeout(0.05)
        client.sendall(b"lost")
        with pytest.raises(TimeoutError):
            client.recv(1)
        assert on.heal().count == 1
        client.settimeout(10)
        assert client.recv(1) == b""
    with connect(line.url) as client:
        client.sendall(b"again")
        assert read(client, 5) == b"again"


def test_a_torn_frame_is_half_there_and_the_line_is_healthy_for_the_next(line: Relay) -> None:
    with connect(line.url) as client:
        line.put(Condition(tears=True))
        client.sendall(b"0123456789")
        assert read(client, 10) in (b"01234", b"")
    with connect(line.url) as client:
        client.sendall(b"again")
        assert read(client, 5) == b"again"


def test_a_narrow_line_hands_on_so_many_bytes_a_second(line: Relay) -> None:
    with connect(line.url) as client:
        on = OnLine(line, Condition(bytes_per_s=2000), 0.0, "pieces")
        client.sendall(b"x" * 200)
        assert read(client, 200) == b"x" * 200
        effect = on.heal()
    assert effect.count == 2
    assert effect.seconds >= 0.2, "200 bytes each way, at 2,000 a second"


GET = b"GET /socket.io/?EIO=4&transport=%s HTTP/1.1\r\nHost: x\r\n%s\r\n"


@pytest.mark.parametrize(
    ("marker", "away", "through"),
    [
        (b"upgrade: websocket", GET % (b"websocket", b"Upgrade: websocket\r\n"), GET % (b"polling", b"")),
        (b"transport=polling", GET % (b"polling", b""), GET % (b"websocket", b"Upgrade: websocket\r\n")),
    ],
    ids=["no websocket", "no polling"],
)
def test_requests_of_one_transport_are_turned_away_and_those_of_the_other_pass(
    line: Relay, marker: bytes, away: bytes, through: bytes
) -> None:
    on = without(line, marker, 0.0)
    with connect(line.url) as client:
        client.sendall(away)
        assert client.recv(1) == b""
    with connect(line.url) as client:
        client.sendall(through)
        assert read(client, len(through)) == through
        client.sendall(b"a message that says " + marker)
        assert read(client, len(marker)) == b"a message that says "[: len(marker)]
    assert on.heal().count == 1
    with connect(line.url) as client:
        client.sendall(away)
        assert read(client, len(away)) == away
