"""What is secret is compared first, and then a digest stands in its place, wherever a run keeps something.

A value is secret when the field, option or variable that it stands under has a name that says so, or when a pattern of
the target finds it. Once it is known it is hidden everywhere, also in other texts and in its usual encodings. The
digest is keyed with a key that is thrown away with the run: alike values look alike, and can't be guessed by trial.
"""

from __future__ import annotations

import base64
import dataclasses
import html
import json
import re
import secrets
import threading
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import Any
from urllib.parse import quote, quote_plus

from harness.lib.patterns import compiled
from harness.lib.secrets import MASKED, SECRET
from harness.model import Fact, Record, Sighting
from harness.model.facts import CliStarted

SHORTEST = 8
"""A value with fewer characters is hidden under its name alone: elsewhere it may stand by chance."""

MOST_VALUES = 200
"""So many values are looked for; further ones are hidden under their names alone."""


class Mask:
    """The secrets of one run. `names` and `patterns` are those of the target, `values` those known from the start.

    May be used from any thread. What is learned of a record is hidden in that record and all that follow.
    """

    def __init__(self, names: Iterable[str] = (), patterns: Iterable[str] = (), values: Iterable[str] = ()) -> None:
        self._key = secrets.token_bytes(16)
        self._names = re.compile("|".join([SECRET.pattern, *map(re.escape, names)]), re.IGNORECASE)
        self._patterns = [compiled(pattern) for pattern in patterns]
        self._lock = threading.Lock()
        self._forms: dict[str, str] = {}
        self._values: dict[str, None] = {}
        self._found: re.Pattern[str] | None = None
        self._seen: dict[tuple[str | None, str | None], bool] = {}
        """What events said that was looked through, and whether there was a secret in it."""
        self._has_begun = False
        self.is_late = False
        """Whether something turned out to be secret only after records had been kept: it may stand in those."""
        self.had_secrets: set[str] = set()
        """The observers that told of a secret, as `dashboard:A.1`: what they had, they may have shown."""
        self.learn(*values)

    @property
    def values(self) -> tuple[str, ...]:
        """What is known to be secret."""
        return tuple(self._values)

    def is_secret(self, name: str) -> bool:
        """Whether a name says that its value is secret."""
        return self._names.search(name) is not None

    def learn(self, *values: str) -> None:
        """Hide these values wherever they stand from now on."""
        with self._lock:
            new = [each for each in values if len(each) >= SHORTEST and each not in self._values]
            new = [each for each in new if not each.startswith(MASKED)][: MOST_VALUES - len(self._values)]
            for value in new:
                self._values[value] = None
                self._forms = {**self._forms, **{form: self._hidden(value) for form in encodings(value)}}
            if new:
                self.is_late = self.is_late or self._has_begun
                longest_first = sorted(self._forms, key=len, reverse=True)
                self._found = re.compile("|".join(map(re.escape, longest_first)))

    def text(self, text: str) -> str:
        """A text without what is known to be secret, and without what a pattern finds."""
        for pattern in self._patterns:
            while (found := pattern.search(text.encode("utf-8", "replace").decode())) is not None:
                value = found[1] if pattern.groups and found[1] else found[0]
                if not value or value.startswith(MASKED):
                    break
                self.learn(value)
                before, text = text, text.replace(value, self._hidden(value))
                if text == before:
                    break
        known, forms = self._found, self._forms
        if known is None or not any(form in text for form in forms):  # by far quicker than the expression
            return text
        return known.sub(lambda found: forms[found[0]], text)

    def raw(self, data: bytes) -> bytes:
        """The same for the bytes of a file; what is not text stays as it is."""
        try:
            return self.text(data.decode("utf-8")).encode("utf-8")
        except UnicodeError:
            for form, hidden in self._forms.items():
                data = data.replace(form.encode("utf-8", "surrogatepass"), hidden.encode())
            return data

    def data(self, value: Any) -> Any:
        """JSON data, or what a fact holds, without secrets: by name, and by value in every text."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {name: self._under(name, inner) for name, inner in value.items()}
        if isinstance(value, list | tuple):
            return type(value)(map(self.data, value))
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            fields = {each.name: getattr(value, each.name) for each in dataclasses.fields(value)}
            changed = {name: new for name, old in fields.items() if (new := self.data(old)) != old}
            return dataclasses.replace(value, **changed) if changed else value
        return value

    def record(self, record: Record) -> Record:
        """A record as it is kept."""
        kept, self._has_begun = self._record(record), True
        if kept is not record and kept != record:
            self.had_secrets.add(record.observer)
        return kept

    def _record(self, record: Record) -> Record:
        if isinstance(record, Fact):
            if isinstance(record.body, CliStarted):
                self.learn(*self._in_options(record.body.argv))
            is_needed = self._found is not None or self._patterns
            return dataclasses.replace(record, body=self.data(record.body)) if is_needed else record
        return self._sighting(record)

    def _sighting(self, record: Sighting) -> Sighting:
        event = record.event
        said = event.digest, event.told.rest_digest if event.told is not None else None
        if event.told is not None and said not in self._seen:
            self.learn(*self._in_data(event.told.data), *self._in_data(event.told.rest))
            told = dataclasses.replace(event.told, data=self.data(event.told.data), rest=self.data(event.told.rest))
            self._seen[said] = told != event.told
            event = dataclasses.replace(event, told=told)  # which is kept but once
        if self._seen.get(said, False):
            self.had_secrets.add(record.observer)
        if self._found is None and not self._patterns:
            return dataclasses.replace(record, event=event) if event is not record.event else record
        return dataclasses.replace(record, event=event, detail=self.data(record.detail))

    def _under(self, name: Any, value: Any) -> Any:
        if isinstance(value, str) and value and self.is_secret(str(name)):
            return value if value.startswith(MASKED) else self._hidden(value)
        return self.data(value)

    def _in_data(self, value: Any, is_under: bool = False) -> Iterable[str]:
        """The values in data that stand under a secret's name."""
        if isinstance(value, Mapping):
            for name, inner in value.items():
                yield from self._in_data(inner, is_under or self.is_secret(str(name)))
        elif isinstance(value, list | tuple):
            for inner in value:
                yield from self._in_data(inner, is_under)
        elif isinstance(value, str) and is_under:
            yield value

    def _in_options(self, argv: Iterable[str]) -> Iterable[str]:
        """The values of options that name a secret: `--token X` and `--token=X`."""
        is_next = False
        for word in argv:
            option, equals, value = word.partition("=")
            is_option = option.startswith("-") and self.is_secret(option) and not option.endswith(("file", "path"))
            if is_next and not word.startswith("-"):
                yield word
            elif is_option and equals:
                yield value
            is_next = is_option and not equals

    def _hidden(self, value: str) -> str:
        digest = blake2b(value.encode("utf-8", "surrogatepass"), digest_size=4, key=self._key).hexdigest()
        return f"{MASKED} {digest})"


def encodings(value: str) -> set[str]:
    """A value as it is, and as addresses, JSON, HTML, base64 and hexadecimal digits have it."""
    raw = value.encode("utf-8", "surrogatepass")
    in_json = (json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1])
    based = base64.b64encode(raw).decode()
    return {
        *(value, quote(raw, safe=""), quote(raw), quote_plus(raw), html.escape(value), html.escape(value, quote=False)),
        *(*in_json, *(json.dumps(each)[1:-1] for each in in_json)),
        *(based, based.rstrip("="), base64.urlsafe_b64encode(raw).decode(), raw.hex(), raw.hex().upper()),
    }
