"""Pages in one file that need nothing from elsewhere: their templates, their data, and a policy that forbids more."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
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
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_harmless,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["amount"] = amount
    return made


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
