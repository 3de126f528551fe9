"""The wire proxy: the tap between clients and a server that nobody can look into.

It stands where the server is expected, passes every byte on and reads along what is Engine.IO, Socket.IO or JSON over
HTTP. `telling` says what it may claim of a hop; `WireProxy` is all that a stack needs.
"""

from harness.taps.wire.proxy import ProxyError, State, WireProxy
from harness.taps.wire.reroute import reroute_script
from harness.taps.wire.telling import ONE_SIDED, Telling

__all__ = ["ONE_SIDED", "ProxyError", "State", "Telling", "WireProxy", "reroute_script"]
