"""What the wire proxy reads along: HTTP and WebSocket in any pieces, and what is neither."""

from __future__ import annotations

import contextlib
import gzip
import json
import random
import zlib
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from socketio.packet import Packet as SocketPacket

from harness.taps.wire.conversation import Conversation, Sessions
from harness.taps.wire.errors import Undecodable
from harness.taps.wire.http import HttpReader, Message
from harness.taps.wire.packets import MAX_DIGITS, Assembly, Socket, in_frame, in_payload, loaded
from harness.taps.wire.websocket import FrameReader, agreed_inflation
from tests.support.proxied import frame

REQUESTS = (
    b"POST /a?x=1 HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello"
    b"GET /b HTTP/1.1\r\nHost: h\r\n\r\n"
    b"POST /c HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n"
)


def cut(data: bytes, places: Iterable[int]) -> Iterator[bytes]:
    """The data in pieces."""
    edges = sorted({0, len(data), *(place % (len(data) + 1) for place in places)})
    for begin, end in zip(edges, edges[1:], strict=False):
        yield data[begin:end]


def read(reader: HttpReader, pieces: Iterable[bytes]) -> list[Message]:
    found = []
    for piece in pieces:
        reader.feed(piece)
        found += list(reader.messages())
    return found


@given(st.lists(st.integers(0, len(REQUESTS)), max_size=12))
def test_requests_in_any_pieces(places: list[int]) -> None:
    found = read(HttpReader(), cut(REQUESTS, places))
    assert [(m.method, m.path, m.body) for m in found] == [
        ("POST", "/a", b"hello"),
        ("GET", "/b", b""),
        ("POST", "/c", b"abcde"),
    ]
    assert found[0].query == {"x": "1"}


def test_responses_without_a_body_and_one_that_its_end_completes() -> None:
    is_head = iter([True, False, False])
    reader = HttpReader(lambda: next(is_head))
    answers = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n"
    assert [m.status for m in read(reader, [answers, b"HTTP/1.1 200 OK\r\n\r\nto the", b" end"])] == [200, 204]
    last = reader.ended()
    assert last is not None and last.body == b"to the end"


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(b'{"a": 1}')),
        ("deflate", zlib.compress(b'{"a": 1}')),
        ("deflate", zlib.compress(b'{"a": 1}')[2:-4]),
        ("identity", b'{"a": 1}'),
    ],
    ids=["gzip", "deflate", "deflate without its frame", "identity"],
)
def test_content_codings(coding: str, body: bytes) -> None:
    assert Message(("HTTP/1.1", "200", ""), {"content-encoding": coding}, body).json() == {"a": 1}


@pytest.mark.parametrize(
    "hostile",
    [
        b"\x16\x03\x01 this is TLS\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: many\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n-6\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1_0\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0x5\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + b"f" * 16 + b"\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5;" + b"x" * 20_000,
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" + b"t: x\r\n" * 90_000,
        "GET / HTTP/1.1\r\nContent-Length: \xb2\r\n\r\n".encode("latin-1"),
        b"GET / HTTP/1.1\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n",
        b"x" * 300_000,
    ],
)
def test_what_is_not_http_is_told(hostile: bytes) -> None:
    with pytest.raises(Undecodable):
        read(HttpReader(), [hostile])


def test_a_status_that_is_not_a_number_is_told() -> None:
    with pytest.raises(Undecodable):
        read(HttpReader(lambda: False), ["HTTP/1.1 \xb2 OK\r\n\r\n".encode("latin-1")])


@pytest.mark.parametrize("trailer", [b"", b"Digest: x\r\nServer-Timing: y\r\n"])
def test_trailers_of_a_chunked_body_are_not_part_of_what_follows(trailer: bytes) -> None:
    chunked = b"POST /c HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n" + trailer + b"\r\n"
    assert [m.body for m in read(HttpReader(), [chunked, REQUESTS])] == [b"abc", b"hello", b"", b"abcde"]


def test_a_chunked_body_is_looked_at_once_however_small_its_chunks_are() -> None:
    """Read anew with every piece, half a million chunks of one byte take a day."""
    count = 500_000
    raw = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * count + b"0\r\n\r\n"
    [message] = read(HttpReader(), (raw[at : at + 1000] for at in range(0, len(raw), 1000)))
    assert message.body == b"x" * count


@given(
    st.lists(st.tuples(st.integers(0, 400), st.binary(max_size=4)), max_size=6),
    st.lists(st.integers(0, 400), max_size=5),
)
def test_mutated_requests_are_read_or_told(changes: list[tuple[int, bytes]], places: list[int]) -> None:
    raw = bytearray(REQUESTS)
    for place, bytes_in in changes:
        at = place % len(raw)
        raw[at : at + len(bytes_in)] = bytes_in
    for reader in (HttpReader(), HttpReader(lambda: False)):
        with contextlib.suppress(Undecodable):
            read(reader, cut(bytes(raw), places))


def test_a_body_that_can_t_be_decoded_is_told() -> None:
    for coding in ("br", "gzip"):
        with pytest.raises(Undecodable):
            Message(("HTTP/1.1", "200", ""), {"content-encoding": coding}, b"?").decoded()


MESSAGES: list[str | bytes] = ['2["ü"]', b"\x00\xff" * 100, "", "x" * 70_000, "y" * 126]


@given(st.lists(st.integers(0, 80_000), max_size=12), st.binary(min_size=4, max_size=4))
def test_frames_in_any_pieces(places: list[int], mask: bytes) -> None:
    raw = b"".join([frame(MESSAGES[0], mask), frame("ping", mask, 0x89), *(frame(each, mask) for each in MESSAGES[1:])])
    reader, found = FrameReader(), []
    for piece in cut(raw, places):
        reader.feed(piece)
        found += list(reader.messages())
    assert found == MESSAGES


@given(st.lists(st.integers(0, 90), max_size=6))
def test_what_follows_the_closing_frame_is_not_a_frame(places: list[int]) -> None:
    """Werkzeug, which served the upgrade, takes a second closing frame for a request, and answers with a page."""
    answer = b'<!DOCTYPE HTML>\n<html lang="en">\n    <head>\n        <title>Error response</title>\n'
    raw = frame("last") + frame(b"\x03\xe8", first=0x88) + answer + frame("?")
    reader, found = FrameReader(), []
    for piece in cut(raw, places):
        reader.feed(piece)
        found += list(reader.messages())
    assert found == ["last"]


def test_a_message_in_several_frames() -> None:
    reader = FrameReader()
    for text, first in (("one ", 0x01), ("pong", 0x8A), ("two ", 0x00), ("end", 0x80)):
        reader.feed(frame(text, first=first))
    assert list(reader.messages()) == ["one two end"]


@pytest.mark.parametrize("alone", [False, True])
def test_compressed_messages(alone: bool) -> None:
    packer, raw = zlib.compressobj(wbits=-15), b""
    for text in ("the same text", "the same text"):
        packer = zlib.compressobj(wbits=-15) if alone else packer
        raw += frame((packer.compress(text.encode()) + packer.flush(zlib.Z_SYNC_FLUSH))[:-4], first=0xC1)
    reader = FrameReader(alone)
    reader.feed(raw)
    assert list(reader.messages()) == ["the same text"] * 2


def test_a_compressed_message_that_would_fill_the_memory_is_told() -> None:
    packer = zlib.compressobj(wbits=-15)
    bomb = b"".join(packer.compress(b"\0" * 1_000_000) for _ in range(70)) + packer.flush(zlib.Z_SYNC_FLUSH)
    reader = FrameReader(False)
    reader.feed(frame(bomb[:-4], first=0xC1))
    with pytest.raises(Undecodable, match="a message of more than"):
        list(reader.messages())


def test_which_extensions_can_be_read() -> None:
    assert agreed_inflation("") == (None, None)
    assert agreed_inflation("permessage-deflate; server_no_context_takeover") == (False, True)
    with pytest.raises(Undecodable):
        agreed_inflation("x-webkit-deflate-frame")


@pytest.mark.parametrize("raw", [frame("?", first=0xC1), b"\x82\x7f" + b"\x7f" * 8, frame("?", first=0xB1)])
def test_frames_without_an_agreement_are_told(raw: bytes) -> None:
    reader = FrameReader()
    reader.feed(raw)
    with pytest.raises(Undecodable):
        list(reader.messages())


def test_attachments_are_put_where_they_belong() -> None:
    packet = loaded().socket_packet(2, ["photo", {"a": b"one", "b": [b"two"]}], namespace="/n", id=7)
    head, *attachments = packet.encode()
    assembly, found = Assembly(), []
    for part in (head, *attachments):
        message = in_frame(f"4{part}" if isinstance(part, str) else part).data
        found += list(assembly.take(message))
    assert [(p.packet_type, p.namespace, p.id, p.data) for p in found] == [
        (Socket.BINARY_EVENT, "/n", 7, ["photo", {"a": b"one", "b": [b"two"]}])
    ]


def test_numbers_are_read_as_the_library_reads_them() -> None:
    long, longest = "1" * MAX_DIGITS, "1" * (MAX_DIGITS + 1)
    [packet] = Assembly().take(f'2["n",{long},1.5]')
    assert packet.data == ["n", int(long), 1.5]
    for read in (SocketPacket, loaded().socket_packet):
        with pytest.raises(ValueError, match="too large"):
            read(encoded_packet=f'2["n",{longest}]')
    with pytest.raises(Undecodable, match="too large"):
        list(Assembly().take(f'2["n",{longest}]'))


def test_a_polling_payload_of_any_length() -> None:
    body = "\x1e".join(["4" + json.dumps({"n": n}) for n in range(100)]).encode()
    assert len(in_payload(body)) == 100


@pytest.mark.parametrize("seed", range(20))
def test_noise_is_read_or_told_and_nothing_else(seed: int) -> None:
    noise = random.Random(seed)  # a fixed seed, for noise that can be had again
    for _ in range(200):
        text = "".join(noise.choice('0123456789-/,[]{}"ab\x1eé') for _ in range(noise.randrange(20)))
        readers: list[Any] = [lambda t: in_payload(t.encode()), in_frame, lambda t: list(Assembly().take(t))]
        for reader in readers:
            with contextlib.suppress(Undecodable):
                reader(text)


def test_another_protocol_of_engine_io_is_said_to_be_unread() -> None:
    class Heard:
        def __init__(self) -> None:
            self.troubles: list[str] = []

        def trouble(self, why: str) -> None:
            self.troubles.append(why)

    heard = Heard()
    talk = Conversation("server", Sessions(heard))  # type: ignore[arg-type]  # nothing else is heard of it
    body = b'96:0{"sid":"lv","upgrades":[],"pingInterval":25000,"pingTimeout":5000}2:40'
    list(talk.feed(b"GET /socket.io/?EIO=3&transport=polling HTTP/1.1\r\nHost: h\r\n\r\n", True, 1))
    list(talk.feed(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body), False, 2))
    assert heard.troubles == [
        "a connection of server carried protocol 3 of Engine.IO, and only 4 is read (socket.io 3 and later)"
    ]
