"""The agent never hangs its host: patched libraries, forked and spawned workers answer as they do without it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import socketio

from harness.taps.agent import AgentHub, RawRecord, environment

PATIENCE_S = 20.0

IS_WHOLE = os.environ.get("HARNESS_VERSIONS") == "all"
"""Else a sample of forking servers: `make test-versions` tries all."""

APPLICATION = """
import queue, threading, time
import socketio

server = socketio.Server(async_mode={mode!r})
app = socketio.WSGIApp(server)
waiting = queue.Queue()

def work():
    while True:
        data = waiting.get()
        time.sleep(0.01)
        server.emit("worked", data)

@server.event
def publish(sid, data):
    waiting.put(data)
    server.start_background_task(server.emit, "told", data)
    return "ok"

threading.Thread(target=work, daemon=True).start()
"""

GEVENT_SERVES = """
from gevent.pywsgi import WSGIServer
wsgi = WSGIServer(("127.0.0.1", 0), app, log=None)
wsgi.start()
print(wsgi.server_port, flush=True)
wsgi.serve_forever()
"""

HOSTS = {
    "threads": (
        "threading",
        """
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True

class Handler(WSGIRequestHandler):
    def log_request(self, *_):
        pass

wsgi = Server(("127.0.0.1", 0), Handler)
wsgi.set_app(app)
print(wsgi.server_port, flush=True)
wsgi.serve_forever()
""",
        "",
    ),
    "gevent": ("gevent", GEVENT_SERVES, "from gevent import monkey; monkey.patch_all()\n"),
    "gevent, patched late": (
        "gevent",
        GEVENT_SERVES,
        "import socketio\nfrom gevent import monkey; monkey.patch_all()\n",
    ),
    "eventlet": (
        "eventlet",
        """
import eventlet, eventlet.wsgi
listening = eventlet.listen(("127.0.0.1", 0))
print(listening.getsockname()[1], flush=True)
eventlet.wsgi.server(listening, app, log_output=False)
""",
        "import eventlet; eventlet.monkey_patch()\n",
    ),
}

FORKS = """
import os, signal
children = []
for _ in range(2):
    if (pid := os.fork()) == 0:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        server.emit("from a worker", os.getpid())
        os._exit(7)
    children.append(pid)
print(sorted(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in children))
server.emit("from the master", 1)
"""

STARTS = """
import multiprocessing, sys
import socketio

def child(number):
    server = socketio.Server(async_mode="threading")
    server.emit("from a child", number)
    sys.exit(number)

if __name__ == "__main__":
    context = multiprocessing.get_context(METHOD)
    children = [context.Process(target=child, args=(number,)) for number in (3, 4)]
    for each in children:
        each.start()
    for each in children:
        each.join()
    print([each.exitcode for each in children])
"""


@contextmanager
def serving(source: str, folder: Path, env: dict[str, str]) -> Iterator[str]:
    """The address of a program that serves, and prints its port; it must have printed nothing else and no error."""
    (folder / "host.py").write_text(source)
    with subprocess.Popen(
        [sys.executable, "-W", "ignore", "host.py"], cwd=folder, env=env, stdout=-1, stderr=-1, text=True
    ) as process:
        try:
            assert process.stdout is not None
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.kill()
            said = process.communicate()
    assert said[0] == "" and not re.search("Traceback|greened|Error", said[1]), said


def run(source: str, folder: Path, env: dict[str, str]) -> tuple[int, str, str]:
    (folder / "program.py").write_text(source)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "program.py"],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("host", list(HOSTS))
def test_a_server_answers_and_its_workers_work(hub: AgentHub, tmp_path: Path, host: str) -> None:
    mode, serves, patches = HOSTS[host]
    records: list[RawRecord] = []
    hub.on("server", lambda _, record: records.append(record))
    env = environment(hub.path, "server", "server", os.environ)
    with (
        serving(patches + APPLICATION.format(mode=mode) + serves, tmp_path, env) as url,
        socketio.SimpleClient() as client,
    ):
        client.connect(url, transports=["polling"], wait_timeout=PATIENCE_S)
        assert client.call("publish", {"number": 1}, timeout=PATIENCE_S) == "ok"
        came = [client.receive(timeout=PATIENCE_S) for _ in range(2)]
        assert sorted(name for name, _ in came) == ["told", "worked"]
        reply = hub.sync("server", PATIENCE_S)
        assert reply is not None and all(reply.hooks.values()) and reply.troubles == 0
    routed = {r["event"]: len(r["recipients"]) for r in records if r["k"] == "route"}
    assert routed == {"told": 1, "worked": 1}


@pytest.mark.parametrize("mode", ["threading", "gevent", "eventlet"] if IS_WHOLE else ["gevent"])
def test_workers_that_a_server_forks(hub: AgentHub, tmp_path: Path, mode: str) -> None:
    """As gunicorn does: the application is loaded before, each worker has its own connection to the harness."""
    host = "threads" if mode == "threading" else mode
    source = HOSTS[host][2] + APPLICATION.format(mode=mode) + FORKS
    records: list[RawRecord] = []
    hub.on("server", lambda _, record: records.append(record))
    without = run(source, tmp_path, dict(os.environ))
    observed = run(source, tmp_path, environment(hub.path, "server", "server", os.environ))
    assert observed == without and without == (0, "[7, 7]\n", "")
    assert hub.wait_ended("server", PATIENCE_S) and hub.whole("server")
    assert sorted(r["event"] for r in records if r["k"] == "route") == ["from a worker"] * 2 + ["from the master"]
    assert len({r["pid"] for r in records if r["k"] == "hello"}) == 3


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_processes_of_multiprocessing(hub: AgentHub, tmp_path: Path, method: str) -> None:
    source = STARTS.replace("METHOD", repr(method))
    records: list[RawRecord] = []
    hub.on("cli:x", lambda _, record: records.append(record))
    observed = run(source, tmp_path, environment(hub.path, "cli:x", "client", os.environ))
    assert observed == run(source, tmp_path, dict(os.environ)) == (0, "[3, 4]\n", "")
    assert hub.wait_ended("cli:x", PATIENCE_S)
    assert sorted(r["args"] for r in records if r["k"] == "route") == [[3], [4]]


def test_a_library_of_another_protocol_is_told_and_left_as_it_is(hub: AgentHub, tmp_path: Path) -> None:
    """python-socketio 4 speaks Engine.IO 3."""
    (tmp_path / "socketio").mkdir()
    (tmp_path / "socketio" / "__init__.py").write_text(
        "class Server:\n    def emit(self, number):\n        return number\n"
    )
    (tmp_path / "python_socketio-4.6.1.dist-info").mkdir()
    source = "import socketio\nprint(socketio.Server().emit(42))\n"
    records: list[RawRecord] = []
    hub.on("server", lambda _, record: records.append(record))
    assert run(source, tmp_path, environment(hub.path, "server", "server", os.environ)) == (0, "42\n", "")
    assert hub.wait_ended("server", PATIENCE_S) and hub.why_dead("server") is None
    assert [(r["library"], r["version"], r["protocol"]) for r in records if r["k"] == "unread"] == [
        ("python-socketio", "4.6.1", 3)
    ]
