"""Bugs between a server's decision and the wire: a layer that drops, doubles, holds or changes packets."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from desk import Desk
from settings import BUGS, WORLD, hits, is_in, mark

MECHANISMS = ("frame-dropped", "frame-doubled", "frame-held", "frame-changed", "frame-broken")


def _page_of(sio: Any, desk: Desk, eio_sid: str) -> str | None:
    """The page that a packet goes to; None where the bug leaves it alone."""
    page = desk.pages.get(sio.manager.sid_from_eio_sid(eio_sid, "/"))
    for_one = any(BUGS[each]["page"] == "first" for each in MECHANISMS if each in BUGS)
    return None if for_one and page != next(iter(desk.pages.values()), None) else page


def _is_spoilt(mechanism: str, text: Any, page: str | None) -> bool:
    return page is not None and hits(mechanism, text)


def _changed(text: Any) -> Any:
    """The packet's text with a digit of the price turned."""
    return text.replace(".5", ".75") if isinstance(text, str) else text


def spoil_async(sio: Any, desk: Desk) -> None:
    """Put the layer into an asynchronous server, where the world has such a bug."""
    if not any(is_in(each) for each in MECHANISMS):
        return
    send = sio._send_eio_packet

    async def spoilt(eio_sid: str, packet: Any) -> None:
        page, text = _page_of(sio, desk, eio_sid), packet.data
        if _is_spoilt("frame-dropped", text, page):
            desk.diary("dropped", mark(text), page)
            return
        if _is_spoilt("frame-held", text, page):
            desk.diary("held", mark(text), page)
            await asyncio.sleep(WORLD["delay_s"])
        if _is_spoilt("frame-changed", text, page):
            desk.diary("changed", mark(text), page)
            packet.data = _changed(text)
        if _is_spoilt("frame-broken", text, page):
            desk.diary("broken", mark(text), page)
            packet.data = text.replace("{", '{"x":NaN,', 1)
        if _is_spoilt("frame-doubled", text, page):
            desk.diary("doubled", mark(text), page)
            await send(eio_sid, packet)
        await send(eio_sid, packet)

    sio._send_eio_packet = spoilt


def spoil_threads(sio: Any, desk: Desk) -> None:
    """Put the layer into a threaded server, where the world has such a bug."""
    if not any(is_in(each) for each in MECHANISMS):
        return
    send = sio._send_eio_packet

    def spoilt(eio_sid: str, packet: Any) -> None:
        page, text = _page_of(sio, desk, eio_sid), packet.data
        if _is_spoilt("frame-dropped", text, page):
            desk.diary("dropped", mark(text), page)
            return
        if _is_spoilt("frame-held", text, page):
            desk.diary("held", mark(text), page)
            time.sleep(WORLD["delay_s"])
        if _is_spoilt("frame-changed", text, page):
            desk.diary("changed", mark(text), page)
            packet.data = _changed(text)
        if _is_spoilt("frame-broken", text, page):
            desk.diary("broken", mark(text), page)
            packet.data = text.replace("{", '{"x":NaN,', 1)
        if _is_spoilt("frame-doubled", text, page):
            desk.diary("doubled", mark(text), page)
            send(eio_sid, packet)
        send(eio_sid, packet)

    sio._send_eio_packet = spoilt
