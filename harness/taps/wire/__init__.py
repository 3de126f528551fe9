"""The wire proxy: the tap between clients and a server that can't be observed from inside.

It stands where the server is expected, passes every byte on and reads along what is Engine.IO, Socket.IO or JSON over
HTTP. `telling` says what it may claim of a hop; `proxy` is all that a stack needs, and only where there is no agent:
the packet classes take long to import.
"""
