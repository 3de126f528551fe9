"""Whether rows say what their events say, field by field. Pure.

Which fields of an event a page shows in a row is learned from the rows themselves: a field is shown where nearly all
rows of a name have its text in theirs. A row that has another event's text there, or none, shows something else.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import TypeAlias

from harness.judge.rows.coded import are_of_codes, codes_of_all, have_one_code
from harness.judge.rows.related import About
from harness.judge.rows.row import Looked, Row
from harness.judge.values.texts import SHORT, data_of, is_in, leaves, plain, without_tags, words
from harness.model import Aspect, Event, Finding, Kind
from harness.record.evidence import Evidence

NEARLY_ALL = 0.6
"""The share of a name's rows that show a field from which on the others are expected to show it, too."""

HALF = 0.5
"""The share of a list's rows that show a field from which on a row without a word of its event is not believed."""

SENTENCE = 3
"""Words that make a text one which a page shows as it is: what is shorter may be a code that it has own words for."""

ENOUGH = 3
"""Rows of other names that show a field, from which on a row is expected to show it, or else was not compared."""

Pairs: TypeAlias = list[tuple[Row, dict[str, str]]]
"""Rows, each with the texts in its event's data by their paths."""


def compare(looked: Looked, evidence: Evidence, pairs: Iterable[tuple[Event, Row]], about: About) -> None:
    """What rows say is what their events say, field by field, for each name."""
    by_name: dict[str, Pairs] = defaultdict(list)
    known: set[str] = set()
    for event, row in pairs:
        by_name[event.name].append((row, _texts(evidence, event, about)))
        known |= {*words(event.name), *words(event.session or "")}
    shown_by = {name: _shown(name, rows) for name, rows in by_name.items()}
    usual, often = (_usual(by_name, shown_by, share) for share in (NEARLY_ALL, HALF))
    for name, rows in by_name.items():
        fields, shown = Counter(path for _, said in rows for path in said), shown_by[name]
        telling = Counter(path for row, said in rows for path in _telling(row, name, said))
        whole = {path for path in shown if shown[path] >= NEARLY_ALL * telling[path]}
        compared = {path for path in whole if path.rpartition(".")[0] not in whole}
        exchanged = {path for path in fields if path not in whole and _is_exchanged(path, rows, name)}
        for path in [path for path in fields if path in compared | exchanged]:
            looked.checks += fields[path]
            looked.wrong += _strangers(path, rows)
        _marked_up(looked, name, rows, [path for path in fields if path not in compared | exchanged])
        if exchanged or compared:
            continue
        speak = [(row, said) for row, said in rows if _says_more(row, known)]
        if shown:
            _bare(looked, name, [(row, said) for row, said in rows if (row, said) not in speak and often & said.keys()])
        if likely := [path for path in shown if path in usual or shown[path] > 1]:  # one may be so by chance
            _silent(looked, name, speak, likely, usual)
        elif len(speak) == len(rows):
            others = sum((shown_by[other] for other in shown_by.keys() - {name}), Counter[str]())
            _in_other_words(looked, name, rows, fields, others, codes_of_all(by_name))


def _texts(evidence: Evidence, event: Event, about: About) -> dict[str, str]:
    """The texts of an event, and of those that others say of what it is about."""
    said, more = leaves(data_of(evidence, event)), about.get(event.key)
    return said if more is None else said | leaves(more)


def _marked_up(looked: Looked, name: str, rows: Pairs, fields: Iterable[str]) -> None:
    """Rows that show a text without its tags. Where each of many rows does, the system sends markup on purpose."""
    for path in fields:
        texts = [(row, said) for row, said in rows if path in said]
        bare = [(row, said) for row, said in texts if _is_bare(row, name, path, said)]
        if bare and not (len(bare) == len(texts) >= ENOUGH):
            row, said = bare[0]
            shown = (row.text or "")[:80]
            looked.doubts.append(Finding(Aspect.ROW_MARKUP, field=path, expected=said[path][:80], found=shown))


def _is_bare(row: Row, name: str, path: str, said: Mapping[str, str]) -> bool:
    """Whether a row has the words between a text's tags, and neither the tags nor another text with those words."""
    text, shown = said[path], plain(row.text or "")
    inner = plain(without_tags(text))
    if inner == plain(text) or len(inner) < SHORT or plain(text) in shown:
        return False
    elsewhere = (name, *(other for where, other in said.items() if where != path and plain(other) != plain(text)))
    return inner in shown and not any(inner in plain(other) for other in elsewhere)


def _usual(by_name: Mapping[str, Pairs], shown_by: Mapping[str, Counter[str]], share: float) -> set[str]:
    """The fields that a share of a list's rows show, whatever their names."""
    fields = Counter(path for rows in by_name.values() for _, said in rows for path in said)
    shown = sum(shown_by.values(), Counter[str]())
    return {path for path in shown if shown[path] >= max(ENOUGH, share * fields[path])}


def _silent(looked: Looked, name: str, rows: Pairs, fields: Sequence[str], usual: AbstractSet[str]) -> None:
    """Rows that show nothing of their events, where others of their name show some `fields`.

    They are wrong where the list shows such a field as a rule; else they may have words of their own.
    """
    looked.checks += len(rows)
    for row, said in rows:
        path = min((path for path in fields if path in said), key=lambda path: path not in usual, default=None)
        if path is None or any(_shows(row, text, ()) for text in said.values()):
            continue
        if path in usual:
            looked.wrong += _strangers(path, [(row, said)])
        else:
            looked.doubts.append(Finding(Aspect.ROW_UNEXPLAINED, text=(row.text or "")[:80], other=name))
            return


def _in_other_words(
    looked: Looked, name: str, rows: Pairs, fields: Iterable[str], others: Mapping[str, int], coded: AbstractSet[str]
) -> None:
    """Rows that all say something, and nothing of what their events say; `others` is how often other names show it.

    Those that go with codes say them in words of the page's own, as `coded` fields of the whole list are.
    """
    if are_of_codes(name, rows) or (not coded.isdisjoint(fields) and all(coded & said.keys() for _, said in rows)):
        looked.checks += len(rows)
    elif (sentence := _other_text(rows)) is not None and not have_one_code(rows):
        looked.wrong += _strangers(sentence, rows)
    elif sentence is not None or any(_varies(path, rows) or others[path] >= ENOUGH for path in fields):
        looked.doubts.append(Finding(Aspect.ROW_UNEXPLAINED, text=(rows[0][0].text or "")[:80], other=name))


def _bare(looked: Looked, name: str, rows: Pairs) -> None:
    """Rows that say no more than their name, where the list shows what events say as a rule, and others of the name."""
    for row, said in rows:
        if not any(_shows(row, text, ()) for text in said.values()):
            looked.doubts.append(Finding(Aspect.ROW_UNEXPLAINED, text=(row.text or "")[:80], other=name))
            return


def _shown(name: str, rows: Pairs) -> Counter[str]:
    """Path to the number of rows that show what their event says there, and would not show that anyway."""
    texts = _texts_by_path(rows)
    return Counter(
        path for row, said in rows for path in _telling(row, name, said) if _shows(row, said[path], texts[path])
    )


def _telling(row: Row, name: str, said: Mapping[str, str]) -> Iterator[str]:
    """The paths of the texts that a row does not show anyway: in its event's name, or in a longer text of it."""
    called, shown = plain(name), plain(row.text or "")
    longer = [whole for text in said.values() if (whole := plain(text)) in shown]
    for path, text in said.items():
        mine = plain(text)
        if mine not in called and not any(mine in whole and mine != whole for whole in longer):
            yield path


def _texts_by_path(rows: Pairs) -> dict[str, set[str]]:
    texts: dict[str, set[str]] = defaultdict(set)
    for _, said in rows:
        for path, text in said.items():
            texts[path].add(text)
    return texts


def _shows(row: Row, text: str, others: Iterable[str]) -> bool:
    """Whether a row shows a text; one that begins alike, and stands there as a whole, is another one."""
    shown, whole = plain(row.text or ""), plain(text)
    if whole in shown:
        return True
    return is_in(text, shown) and not any(plain(other) in shown for other in others if is_in(other, whole))


def _varies(path: str, rows: Pairs) -> bool:
    return len({said.get(path) for _, said in rows}) > 1


def _is_exchanged(path: str, rows: Pairs, name: str) -> bool:
    """Whether nearly all rows show what another event says in a field that hardly two events have alike.

    A text that a row shows anyway, as its event's name or in another field of it, is not the other event's.
    """
    mine = [(row, said[path], plain(" ".join((name, *said.values())))) for row, said in rows if path in said]
    texts = {text for _, text, _ in mine}
    if len(mine) < 2 or len(texts) < NEARLY_ALL * len(mine):
        return False
    strange = sum(
        not _shows(row, own, texts) and _other(row, own, [t for t in texts if plain(t) not in anyway]) is not None
        for row, own, anyway in mine
    )
    return strange >= NEARLY_ALL * len(mine)


def _other(row: Row, own: str, texts: Iterable[str]) -> str | None:
    """Which of some texts a row shows that are not its own."""
    return next((text for text in texts if text != own and plain(text) in plain(row.text or "")), None)


def _other_text(rows: Pairs) -> str | None:
    """The path of a sentence that each event says, another one each, where all rows say one and the same instead.

    What is said differently of each event may be put in words of the page's own, by a format or from a table of words.
    """
    if len(rows) < 2 or len({row.text for row, _ in rows}) > 1:
        return None
    paths = [path for path in rows[0][1] if all(path in said for _, said in rows) and _varies(path, rows)]
    row = plain(rows[0][0].text or "")
    begins = {path for path in paths if any(plain(said[path])[: 2 * SHORT] in row for _, said in rows)}
    told = [path for path in paths if path not in begins and all(len(words(s[path])) >= SENTENCE for _, s in rows)]
    return None if begins or not told else told[0]


def _strangers(path: str, rows: Pairs) -> Iterator[tuple[Kind, str, Finding]]:
    """The rows that do not show a field which they should; with the text that stands there instead, if known."""
    texts = {said[path] for _, said in rows if path in said}
    for row, said in rows:
        if path in said and not _shows(row, said[path], texts):
            instead = _other(row, said[path], sorted(texts))
            found = Finding(
                Aspect.ROW_TEXT, field=path, expected=said[path][:80], found=instead or (row.text or "")[:80]
            )
            yield Kind.MISRENDERED, row.key, found


def _says_more(row: Row, known: AbstractSet[str]) -> bool:
    """Whether a row has words beside those of its event's name and session."""
    return sum(len(word) for word in words(row.text or "") if word.isalpha() and word not in known) >= 2 * SHORT
