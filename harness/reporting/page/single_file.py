"""Pages in one file that need nothing from elsewhere: their templates, their data, and a policy that forbids more."""

from __future__ import annotations

import json
import os
import pickle
import sys
from base64 import b64encode
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from hashlib import sha256
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any

import jinja2.compiler
from jinja2 import ChoiceLoader, Environment, FileSystemBytecodeCache, PackageLoader, StrictUndefined
from jinja2.bccache import Bucket
from markupsafe import Markup

from harness.lib.amounts import amount
from harness.reporting.escape import visible


@cache
def environment(*packages: str) -> Environment:
    """The templates of these packages, and the head that all pages have.

    Everything that comes from a run goes through `visible` and is escaped; only what is Markup already is not.
    """
    made = Environment(
        loader=ChoiceLoader([PackageLoader(each) for each in (*packages, "harness.reporting.page")]),
        bytecode_cache=_Compiled(),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_harmless,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["amount"] = amount
    return made


class _Compiled(FileSystemBytecodeCache):
    """Templates are compiled once, and kept where Python keeps what it compiles of this package, if anywhere.

    Jinja compiles one anew when its text is another. So it is here for another Jinja or environment: their files are
    told apart as Python tells them apart, by size and time.
    """

    def __init__(self) -> None:
        made_of = [
            (status.st_mtime_ns, status.st_size) for status in map(os.stat, (jinja2.compiler.__file__, __file__))
        ]
        by = sha256(repr(made_of).encode()).hexdigest()[:16]
        super().__init__(str(Path(cache_from_source(__file__)).parent), f"%s.jinja-{by}.cache")

    def load_bytecode(self, bucket: Bucket) -> None:
        """What was kept, if it can be read."""
        try:
            super().load_bytecode(bucket)
        except (OSError, EOFError, ValueError, pickle.UnpicklingError):  # one that is damaged, too
            bucket.reset()

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it; not where Python keeps none, or may not write."""
        if not sys.dont_write_bytecode:
            with suppress(OSError):
                super().dump_bytecode(bucket)


def _harmless(value: Any) -> Any:
    return value if isinstance(value, Markup) else visible(value, keep="\n")


def policy(style: str, script: str) -> str:
    """The page's Content-Security-Policy: nothing is loaded, and nothing runs but this style and this script."""
    rules = {
        "default-src": "'none'",
        "script-src": _digest(script),
        "style-src": _digest(style),
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def _digest(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def data_block(data: Mapping[str, Any]) -> Markup:
    """JSON for a script element of type application/json: nothing in it can end the element or begin a comment."""
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=True)
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704
