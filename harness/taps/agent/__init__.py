"""The agent: the tap inside python-socketio processes, and where its records arrive.

`environment` is all that a process needs to be observed. `AgentHub` receives the records, a `Translator` turns them
into sightings and facts. What runs inside the target is in `site/` and needs nothing of the harness.
"""

from harness.taps.agent.hub import AgentError, AgentHub, OnRecord
from harness.taps.agent.launch import environment
from harness.taps.agent.process import RawRecord
from harness.taps.agent.reply import Listening, Members, SyncReply
from harness.taps.agent.translate import Identify, Translator, missing_hooks

__all__ = [
    "AgentError",
    "AgentHub",
    "Identify",
    "Listening",
    "Members",
    "OnRecord",
    "RawRecord",
    "SyncReply",
    "Translator",
    "environment",
    "missing_hooks",
]
