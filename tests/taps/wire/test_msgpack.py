"""MessagePack as the proxy reads it, compared with the library."""

from __future__ import annotations

from typing import Any

import msgpack  # type: ignore[import-untyped]  # it ships no types
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.taps.wire.errors import Undecodable
from harness.taps.wire.msgpack import MAX_DEPTH, unpacked
from harness.taps.wire.packets import Assembly

LEAVES = (
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False) | st.text() | st.binary()
)
VALUES = st.recursive(LEAVES, lambda each: st.lists(each) | st.dictionaries(st.text(), each), max_leaves=30)


@given(VALUES)
def test_what_the_library_packs_is_read(value: Any) -> None:
    assert unpacked(msgpack.packb(value)) == value


@pytest.mark.parametrize("size", [31, 32, 255, 256, 65_535, 65_536])
def test_every_way_to_say_a_length(size: int) -> None:
    for value in ("x" * size, b"x" * size, [1] * size, dict.fromkeys(range(size), True)):
        assert unpacked(msgpack.packb(value)) == value


@pytest.mark.parametrize(
    "data", [b"", b"\x92\x01", b"\x01\x02", b"\xc1", b"\xdd\xff\xff\xff\xff", b"\xa2\xff\xff", b"\x81\x90\x01"]
)
def test_what_is_not_msgpack_is_refused(data: bytes) -> None:
    with pytest.raises(Undecodable):
        unpacked(data)


def test_what_is_nested_too_deeply_is_refused() -> None:
    assert unpacked(b"\x91" * MAX_DEPTH + b"\xc0")
    with pytest.raises(Undecodable):
        unpacked(b"\x91" * (MAX_DEPTH + 1) + b"\xc0")


def test_extension_types_are_not_read() -> None:
    assert unpacked(msgpack.packb([msgpack.ExtType(0, b"\0"), msgpack.ExtType(5, b"abc"), 7])) == [None, None, 7]


def test_a_whole_packet_in_one_message() -> None:
    [packet] = Assembly().take(msgpack.packb({"type": 2, "nsp": "/", "data": ["moved", {"n": 1}], "id": 3}))
    assert (packet.packet_type, packet.namespace, packet.data, packet.id) == (2, "/", ["moved", {"n": 1}], 3)


@pytest.mark.parametrize(
    "value", [7, {"type": "2", "nsp": "/"}, {"type": 2}, {"type": True, "nsp": "/"}, {"type": 2, "nsp": "/", "id": "a"}]
)
def test_other_binary_data_is_said_to_be_unknown(value: Any) -> None:
    with pytest.raises(Undecodable, match="another parser"):
        list(Assembly().take(msgpack.packb(value)))
