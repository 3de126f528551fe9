"""When a process of a system is ready: its log says so, a path answers, or its port takes connections."""

from __future__ import annotations

import contextlib
import socket
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from harness.launch.listeners import is_strangers
from harness.launch.processes import Child, NotStarted, TimedOut
from harness.lib.ansi import printable
from harness.lib.numbers import whole_number
from harness.target.process import Process, TargetError

if TYPE_CHECKING:
    import ssl

HOSTS = ("127.0.0.1", "localhost")
"""Tried in this order: some servers listen on IPv6 alone, under the name."""

NOT_TOLD = """ Where it listens elsewhere, it wasn't told its port: put {port}
into its command or its env, as env = { PORT = "{port}" }, or say port = 3000 where it is fixed."""

STRANGER_S = 3.0
"""How long a process may take to find that its port is taken, when another process answers there.

What answers may still be of its making: a container, or a server that it has handed its work to.
"""

STEP_S = 0.02
"""Between two tries to connect, unless the process ends meanwhile."""


def demand_free(port: int | None, whose: str) -> None:
    """Raises TargetError when a fixed port has a listener already, which would be taken for `whose` process."""
    if port:
        for host in HOSTS:
            with contextlib.suppress(OSError), socket.create_connection((host, port), 1):
                raise TargetError(
                    f"port {port}, which {whose} has in the target file, is taken: stop what "
                    f"listens there (as `fuser {port}/tcp` shows), or leave `port` out of the file."
                )


def wait_ready(process: Process, child: Child, port: int, timeout_s: float) -> str:
    """The address of the process once it is ready, empty for one that has none.

    Raises NotStarted and TimedOut, with the end of its log.
    """
    deadline = time.monotonic() + timeout_s
    if process.ready.log is not None:
        told = child.wait_line(process.ready.log, timeout_s).groupdict()
        if told.get("url"):
            return str(told["url"]).rstrip("/")
        if not process.listens:
            return ""
        said = told.get("port")
        if said:
            port = whole_number(said, 5) or 0
            if not 0 < port < 1 << 16:
                raise TargetError(
                    f"process {process.name} says in its line of readiness that its port is {printable(said)[:40]!r}, "
                    "which is not a port: correct the group `port` in `ready.log`."
                )
        elif not port:
            raise TargetError(
                f"process {process.name} chooses its own port (port = 0), and its line of readiness doesn't tell it: "
                "put a group `url` or `port` into `ready.log`."
            )
    if not process.listens:
        return ""
    if not port:
        raise TargetError(f"process {process.name} chooses its own port (port = 0): `ready.log` must tell it.")
    scheme = "http" if process.certificate is None else "https"
    return f"{scheme}://{_answering(process, child, port, timeout_s, deadline)}:{port}"


def port_of(url: str) -> int:
    """The port of an address, said or not."""
    parts = urlsplit(url)
    return parts.port or (443 if parts.scheme == "https" else 80)


def wait_there(process: Process, url: str, timeout_s: float) -> str:
    """The address of a process that the harness did not start, once it answers. Raises TimedOut."""
    host, port = urlsplit(url).hostname or "", port_of(url)
    deadline = time.monotonic() + timeout_s
    trust = _trust(process, url)
    while not _answers(host, port, process.ready.http, trust):
        left_s = deadline - time.monotonic()
        if left_s <= 0:
            path = "" if process.ready.http is None else f", path {process.ready.http},"
            raise TimedOut(
                f"process {process.name}, which runs already as its `url` says, did not answer at {url}{path} within "
                f"{timeout_s:g} s (bounds.ready_s): start it, or correct `url`."
            )
        time.sleep(min(STEP_S, left_s))
    return url


def _answering(process: Process, child: Child, port: int, timeout_s: float, deadline: float) -> str:
    """The host under which the port answers as it must."""
    what, trust = f"{process.name} answers at port {port}", _trust(process)
    while True:
        for host in HOSTS:
            if _answers(host, port, process.ready.http, trust):
                if is_strangers(port, child.pid) and child.ends_within(STRANGER_S):
                    raise NotStarted(
                        f"{process.name} ended with status {child.status}, and another process answers at port {port}: "
                        f"is the port taken?\n{child.tail()}"
                    )
                return host
        if time.monotonic() > deadline:
            path = "" if process.ready.http is None else f", path {process.ready.http}"
            hint = "" if process.port is not None else NOT_TOLD
            bound = f"within {timeout_s:g} s (bounds.ready_s)"
            raise TimedOut(f"{process.name} did not answer at port {port}{path} {bound}.{hint}\n{child.tail()}")
        if child.ends_within(STEP_S):
            raise NotStarted(f"{process.name} ended with status {child.status} before {what}.\n{child.tail()}")


def _trust(process: Process, url: str = "") -> ssl.SSLContext | None:
    """Whom to trust at a server behind HTTPS; None for any other. Raises TargetError for what is not a certificate."""
    if process.certificate is None and not url.startswith("https:"):
        return None
    import ssl

    try:
        return ssl.create_default_context(cafile=None if process.certificate is None else str(process.certificate))
    except (OSError, ssl.SSLError) as error:
        raise TargetError(f"process {process.name}: {process.certificate} is not a certificate: {error}.") from None


def _answers(host: str, port: int, path: str | None, trust: ssl.SSLContext | None = None) -> bool:
    """Whether the port takes a connection, or the path is answered by a status below 500; by whom is trusted, too.

    Raises TargetError for a server behind HTTPS with another certificate.
    """
    try:
        if path is not None:
            return _is_served(host, port, path, trust)
        with socket.create_connection((host, port), 1) as connection:
            if trust is not None:
                trust.wrap_socket(connection, server_hostname=host).close()
            return True
    except OSError as error:
        if isinstance(error, ValueError):  # ssl.SSLCertVerificationError is both
            raise TargetError(
                f"the server at https://{host}:{port} has another certificate than the file says: {error}. Name its "
                "own, or that of who signed it, in `certificate`; it must be for this host."
            ) from None
        return False


def _is_served(host: str, port: int, path: str, trust: ssl.SSLContext | None = None) -> bool:
    import http.client  # long to import, and most processes say in their log when they are ready

    connection = http.client.HTTPConnection(host, port, timeout=2)
    if trust is not None:
        connection = http.client.HTTPSConnection(host, port, timeout=2, context=trust)
    try:
        connection.request("GET", path)
        return connection.getresponse().status < 500
    except http.client.HTTPException:
        return False
    finally:
        connection.close()
