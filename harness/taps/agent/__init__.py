"""The agent: the tap inside processes that use Socket.IO, and where its records arrive.

What runs inside a process is in `site/` for Python and in `harness.taps.node` for Node.js; both speak the same records.
`environment` is all that a process needs to be observed. `AgentHub` receives the records, a `Translator` turns them
into sightings and facts. What runs inside the target is in `site/` and needs nothing of the harness.
"""

from harness.taps.agent.beside import beside
from harness.taps.agent.hub import AgentError, AgentHub
from harness.taps.agent.known import OnRecord
from harness.taps.agent.launch import FOLDERS, HANDED_ON, environment, sees_into, settled
from harness.taps.agent.process import RawRecord
from harness.taps.agent.reply import Listening, Members, SyncReply
from harness.taps.agent.translate import Identify, Translator, missing_hooks

__all__ = [
    "FOLDERS",
    "HANDED_ON",
    "AgentError",
    "AgentHub",
    "Identify",
    "Listening",
    "Members",
    "OnRecord",
    "RawRecord",
    "SyncReply",
    "Translator",
    "beside",
    "environment",
    "missing_hooks",
    "sees_into",
    "settled",
]
