"""Whether a page shows all that came to it, as far as its numbers and lists tell: the judge says what is wrong."""

from __future__ import annotations

from collections.abc import Collection

from harness.model.facts import View
from harness.run.quiescence import Proof


def is_behind(proof: Proof, patience_s: float, given: Collection[str]) -> bool:
    """Whether a page that is still holds more events than it says, or may draw more in so many seconds.

    It may where something is due by then of which it is not known that it draws nothing, or where the page does not
    show all that it got (`given`, as in `lacks`). What a page without a connection is about to do is to get one: that
    has had its time.
    """
    due = [each for each in proof.later if each.ms <= 1000 * patience_s] if proof.fence.body.back else []
    shown = View() if proof.view is None else proof.view.body
    if shown.counter is not None and shown.counter < len(shown.state_events or ()):
        return True
    return any(each.draws is not False for each in due) or (bool(due) and lacks(shown, given))


def lacks(shown: View, given: Collection[str]) -> bool:
    """Whether a page shows, counts or holds fewer events than it was given; one that lists the newest lacks the last.

    `given`: the keys of the events that came to it, in their order.
    """
    if not given:
        return False
    if shown.counter is not None and shown.counter < len(given):
        return True
    listed = [each for each in (shown.rows, shown.state_events) if each is not None]
    if shown.window is not None and shown.rows is not None:
        listed.remove(shown.rows)
        if list(given)[-1] not in shown.rows:
            return True
    return any(not set(given) <= set(each) for each in listed)
