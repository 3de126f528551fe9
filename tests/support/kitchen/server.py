"""A small system that shares nothing with the reference one: events without ids, wrapped and renamed by the server."""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path
from typing import Any

import socketio
import uvicorn

DEFECT = sys.argv[2] if len(sys.argv) > 2 else ""
RENAMED = {"qty": "amount"}

sio = socketio.AsyncServer(async_mode="asgi", async_handlers=False)
app = socketio.ASGIApp(sio, static_files={"/": str(Path(__file__).parent / "page.html")})


async def connect(sid: str, environ: Any) -> None:
    await sio.emit("welcome", {"motd": "bon appétit"}, to=sid)


async def anything(event: str, sid: str, data: dict[str, Any]) -> bool:
    body = {RENAMED.get(key, key): value for key, value in data.items()}
    if DEFECT == "changed":
        body["amount"] = body.get("amount", 0) + 1
    if DEFECT == "nobody" and event == "served":
        await sio.emit("update", {"kind": event, "at": time.time(), "body": body}, room="waiters")
        return True
    if DEFECT == "dropped" and event == "served":
        return True
    await sio.emit("update", {"kind": event, "at": time.time(), "body": body})
    if DEFECT == "twice" and event == "served":
        await sio.emit("update", {"kind": event, "at": time.time(), "body": body})
    return True


sio.on("connect", connect)
sio.on("*", anything)
config = uvicorn.Config(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
asyncio.run(uvicorn.Server(config).serve())
