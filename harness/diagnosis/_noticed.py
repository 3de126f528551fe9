"""Whether a CLI can have known that events of its did not leave it: its exit status then follows from that. Pure."""

from __future__ import annotations

from harness.model import Hop
from harness.model.facts import ClientDisconnected, ClientRefused, CliMessage
from harness.record.evidence import BY_CLIENT, Evidence
from harness.record.evidence.keys import without


def may_know_of_unsent(evidence: Evidence, cli: str) -> bool:
    """Whether a CLI lost a connection, was told an error, or said anything of one; or sent nothing, or not its last.

    One that ends early sends no more, and one that never got through may have been told so where no tap is. What a
    condition of its own keeps from being sent, before more that is sent, is known to nobody.
    """
    mine = evidence.events_by(cli)
    unsent = {*without(evidence.keys_by(cli), evidence.once[Hop.SENT].keys())}
    if not mine or not evidence.has_tap(Hop.SENT) or mine[-1].key in unsent or len(unsent) == len(mine):
        return True
    if any(fact.observer == cli for fact in evidence.answers(lambda told: not told.ok)):
        return True
    if any(fact.observer == cli and fact.body.reason != BY_CLIENT for fact in evidence.facts(ClientDisconnected)):
        return True
    if any(fact.observer == cli for fact in evidence.facts(ClientRefused)):
        return True
    return any(fact.observer == cli and fact.body.text.strip() for fact in evidence.facts(CliMessage))
