"""What a panel may show of a session of which it has drawn nothing yet, where its first look is not on record. Pure."""

from __future__ import annotations

import re

from harness.judge.panels.numbers import number
from harness.model import Aspect, Panel
from harness.model.facts import PanelShown


def may_be_of_none(panel: Panel, shown: PanelShown, about: tuple[Aspect, str | None]) -> bool:
    """Whether what was wrong of a panel, by aspect and field, may be what it shows without any event.

    A number of events is none then, or no number; a status is none of those that events make. What else it shows is up
    to the page.
    """
    aspect, field = about
    if aspect is not Aspect.PANEL_VALUE or field is None:
        return True
    text = shown.values.get(field) or ""
    if field in panel.values:
        return re.search(r"\d", text) is None or number(text) == 0
    shows = panel.shows.get(field)
    if shows is None or not shows.says:
        return True
    made = {each.casefold() for each in (*shows.says.values(), *shows.statuses.values())}
    return text.strip().casefold() not in made
