"""Rows that say in words of the page's own what codes their events say: "In progress" for `wip`. Pure.

What word goes with a code only the page knows. But where rows with the same codes say the same, and those with other
ones something else, it is the codes that they show, and rightly as far as one can tell who does not know the words.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import chain, combinations

from harness.judge.rows.row import Row
from harness.judge.values.texts import words

LONGEST = 24
"""Characters that a code has at most."""


def are_of_codes(name: str, rows: Sequence[tuple[Row, Mapping[str, str]]]) -> bool:
    """Whether what the rows of a name say goes with the values of a field of their events, or of two.

    Several have to have the same, or else anything would go with them. `rows`: each with its event's texts by path.
    """
    shown = [_shown(name, row) for row, _ in rows]
    paths = sorted(set.intersection(*({path for path, text in said.items() if _is_code(text)} for _, said in rows)))
    fields: chain[tuple[str, ...]] = chain(((path,) for path in paths), combinations(paths, 2))
    return any(_go_together([tuple(said[path] for path in chosen) for _, said in rows], shown) for chosen in fields)


def codes_of_all(by_name: Mapping[str, Sequence[tuple[Row, Mapping[str, str]]]]) -> set[str]:
    """The fields with whose values what all rows of a list say goes, whatever the names of their events."""
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for name, rows in by_name.items():
        for row, said in rows:
            shown = _shown(name, row)
            for path, text in said.items():
                found[path].append((text if _is_code(text) else "", shown))
    return {
        path
        for path, pairs in found.items()
        if all(text for text, _ in pairs) and _go_together([text for text, _ in pairs], [shown for _, shown in pairs])
    }


def have_one_code(rows: Sequence[tuple[Row, Mapping[str, str]]]) -> bool:
    """Whether all events of some rows say the same code somewhere, so that the rows may say the same as well."""
    common = set.intersection(*({path for path, text in said.items() if _is_code(text)} for _, said in rows))
    return any(len({said[path] for _, said in rows}) == 1 for path in common)


def _go_together(values: Sequence[object], shown: Sequence[str]) -> bool:
    kinds = len({*values})
    return 1 < kinds < len(values) and len({*zip(values, shown, strict=True)}) == kinds == len({*shown})


def _shown(name: str, row: Row) -> str:
    """The words of a row without numbers and those of its event's name."""
    own = {*words(name)}
    return " ".join(word for word in words(row.text or "") if not word.isdecimal() and word not in own)


def _is_code(text: str) -> bool:
    return len(text) <= LONGEST and not any(each.isspace() for each in text)
