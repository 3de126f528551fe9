"""Programs that are run with the agent in them, as text: servers of both kinds, and clients of both."""

from __future__ import annotations

ALLOW = """
def allow(origin, environ=None):
    return "evil" not in str(origin)

"""

HANDLERS = """
{a}def connect(sid, environ, auth):
    if (auth or {{}}).get("role") == "stranger":
        raise socketio.exceptions.ConnectionRefusedError("not you", {{"code": "bad-role"}})
    {w}done(sio.enter_room(sid, "dashboards"))

{a}def publish(sid, data):
    to = data.get("to", {{"room": "dashboards"}})
    if to.get("skip_me"):
        to = {{"room": "dashboards", "skip_sid": sid}}
    {w}sio.emit(data["type"], data, **to)
    data["changed"] = "afterwards"
    return {{"ok": True, "seq": data["seq"]}}

{a}def boom(sid, data):
    json.loads(data)

{a}def unsayable(sid, data):
    return {{object()}}

{a}def rooms(sid, data):
    {w}done(sio.enter_room(sid, "first"))
    {w}done(sio.enter_room(sid, "second"))
    {w}done(sio.leave_room(sid, "first"))
    {w}done(sio.leave_room(sid, "first"))
    {w}done(sio.close_room("second"))

{a}def work():
    {w}gate.wait()
    {w}sio.emit("worked", {{}}, room="dashboards")

{a}def later(sid, data):
    {start}
    return "started"

{a}def consume():
    while True:
        {w}sio.emit("consumed", {{"item": {w}lazy.get()}}, room="dashboards")

{a}def lazily(sid, data):
    if not hasattr(sio, "worker"):
        {start_worker}
    {w}done(lazy.put(data))

{a}def open_gate(sid, data):
    gate.set()

{a}def stay(sid, data):
    {w}door.wait()

{a}def open_door(sid, data):
    door.set()

{a}def burst(sid, count):
    for number in range(count):
        {w}sio.emit("burst", number, room="dashboards", skip_sid=sid)

for handler in (connect, publish, boom, unsayable, rooms, later, lazily, open_gate, stay, open_door, burst):
    sio.on(handler.__name__, handler)
"""

ASYNC_SERVER = (
    ALLOW
    + """
import asyncio, json, socket, sys
import socketio, uvicorn
sio = socketio.AsyncServer(async_mode="asgi", cors_allowed_origins=allow)
gate, door = asyncio.Event(), asyncio.Event()
lazy = asyncio.Queue()

async def done(result):  # before 5.9 rooms were entered at once, later by a coroutine
    return await result if asyncio.iscoroutine(result) else result
"""
    + HANDLERS.format(
        a="async ",
        w="await ",
        start="sio.kept = asyncio.create_task(work())",
        start_worker="sio.worker = asyncio.create_task(consume())",
    )
    + """
listening = socket.socket()
listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
listening.bind(("127.0.0.1", 0))
listening.listen()  # the reader of the port may connect at once
print(listening.getsockname()[1], flush=True)
uvicorn.Server(uvicorn.Config(socketio.ASGIApp(sio), log_level="error")).run(sockets=[listening])
"""
)

THREADING_SERVER = (
    ALLOW
    + """
import json, queue, socketserver, sys, threading
from wsgiref import simple_server
import socketio
sio = socketio.Server(async_mode="threading", cors_allowed_origins=allow, ping_interval=1)
gate, door = threading.Event(), threading.Event()
lazy = queue.Queue()

def done(result):
    return result
"""
    + HANDLERS.format(
        a="",
        w="",
        start="sio.start_background_task(work)",
        start_worker="sio.worker = sio.start_background_task(consume)",
    )
    + """
class Server(socketserver.ThreadingMixIn, simple_server.WSGIServer):
    daemon_threads = True

class Quiet(simple_server.WSGIRequestHandler):
    def log_message(self, *args):
        pass

class Late:
    # Answers a post when what it led to has been polled already, as a busy machine does.
    def __init__(self, app):
        self.app = app

    def __call__(self, environ, start_response):
        answer = self.app(environ, start_response)
        if environ["REQUEST_METHOD"] == "POST":
            threading.Event().wait(0.1)
        return answer

app = socketio.WSGIApp(sio)
server = simple_server.make_server("127.0.0.1", 0, Late(app) if "late" in sys.argv else app, Server, Quiet)
print(server.server_port, flush=True)
server.serve_forever()
"""
)

DOING = """
{a}def do(what, *args):
    if what == "connect":
        auth, namespaces = args
        {w}client.connect(url + "?api_token=hush-in-url", auth=auth, transports=transports, namespaces=namespaces)
        return client.get_sid(namespaces[0])
    if what == "emit":
        return {w}client.emit(*args)
    if what == "emit while away":
        client.eio.state = "disconnecting"
        answer = {w}client.emit(*args)
        client.eio.state = "connected"
        return answer
    if what == "bytes":
        return {w}client.call("publish", {{"type": "binary", "seq": 1, "data": b"12345"}})
    if what == "call":
        return {w}client.call(*args, timeout=10)
    if what == "leave":
        {w}client.eio.send("1")  # Socket.IO's DISCONNECT
        return {w}client.eio.queue.join()  # posted: `disconnect` stops a client that still waits for an earlier post
    if what == "disconnect":
        return {w}client.disconnect()

{a}def main():
    for line in {lines}:
        try:
            answer = {w}do(*json.loads(line))
        except Exception as error:
            answer = type(error).__name__
        print(json.dumps(answer), flush=True)
    os._exit(0)
"""

CLIENT = (
    """
import json, os, sys
import socketio
url, transports = sys.argv[1], sys.argv[2].split(",")
client = socketio.Client(reconnection=False)
"""
    + DOING.format(a="", w="", lines="sys.stdin")
    + "main()\n"
)

ASYNC_CLIENT = (
    """
import asyncio, json, os, sys
import socketio
url, transports = sys.argv[1], sys.argv[2].split(",")
client = socketio.AsyncClient(reconnection=False)

async def said():
    while line := await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline):
        yield line
"""
    + DOING.format(a="async ", w="await ", lines="said()").replace("for line in", "async for line in")
    + "asyncio.run(main())\n"
)
