"""The few SVG shapes that the pictures are made of. No script, no link, no outside resource; all text is escaped.

Colours are classes, so that one picture is readable on light and dark pages; it carries its own background because a
code host may be dark where the reader's system is light.
"""

from __future__ import annotations

from collections.abc import Iterable

from harness.reporting.escape import xml

_LIGHT = {
    "back": "#ffffff", "edge": "#d0d7de", "ink": "#1f2328", "soft": "#59636e", "line": "#818b98",
    "good": "#1a7f37", "bad": "#cf222e", "pale": "#dafbe1", "alarm": "#ffebe9",
}  # fmt: skip
_DARK = {
    "back": "#0d1117", "edge": "#3d444d", "ink": "#f0f6fc", "soft": "#9198a1", "line": "#656c76",
    "good": "#3fb950", "bad": "#f85149", "pale": "#12261e", "alarm": "#301214",
}  # fmt: skip

_RULES = (
    ".back{{fill:{back};stroke:{edge}}}text{{font-family:system-ui,sans-serif;font-size:13px;fill:{ink}}}"
    ".soft{{fill:{soft};font-size:12px}}.count{{font-size:17px;font-weight:600}}.name{{font-weight:600}}"
    ".many{{font-size:13px;font-weight:600}}.bad{{fill:{bad}}}"
    ".line{{stroke:{line};stroke-width:1.5;fill:none}}.ok{{stroke:{good};stroke-width:2;fill:none}}"
    ".lane{{stroke:{edge};stroke-width:1.5}}.blind{{stroke:{line};stroke-width:2;fill:{back};stroke-dasharray:5 4}}"
    ".gone{{stroke:{line};stroke-width:2;stroke-dasharray:2 5;fill:none}}.cross{{stroke:{bad};stroke-width:2.5}}"
    ".node{{fill:{pale};stroke:{good};stroke-width:2}}.broken{{fill:{alarm};stroke:{bad};stroke-width:3}}"
    ".empty{{fill:{back};stroke:{line};stroke-width:2}}"
)


def picture(width: float, height: float, title: str, description: str, shapes: Iterable[str]) -> str:
    """A whole SVG document."""
    style = f"{_RULES.format(**_LIGHT)}@media(prefers-color-scheme:dark){{{_RULES.format(**_DARK)}}}"
    size = f'viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-labelledby="title description">',
            f'<title id="title">{xml(title)}</title>',
            f'<desc id="description">{xml(description, 2000)}</desc>',
            f"<style>{style}</style>",
            f'<rect class="back" x="0.5" y="0.5" width="{width - 1:g}" height="{height - 1:g}" rx="8"/>',
            *shapes,
            "</svg>\n",
        ]
    )


def text(x: float, y: float, words: object, kind: str = "", anchor: str = "middle", limit: int = 40) -> str:
    """A line of text; `kind` is its class."""
    return f'<text class="{kind}" x="{x:g}" y="{y:g}" text-anchor="{anchor}">{xml(words, limit)}</text>'


def line(x1: float, y1: float, x2: float, y2: float, kind: str = "line") -> str:
    """A straight line."""
    return f'<path class="{kind}" d="M{x1:g} {y1:g}L{x2:g} {y2:g}"/>'


def arrow(x1: float, y: float, x2: float, kind: str = "ok") -> str:
    """A level arrow from left to right; what went nowhere ("gone") has no head."""
    head = "" if kind == "gone" else "m-6 -4l6 4l-6 4"
    return f'<path class="{kind}" d="M{x1:g} {y:g}H{x2:g}{head}"/>'


def cross(x: float, y: float, reach: float = 5) -> str:
    """Where something was lost."""
    around = f"M{x - reach:g} {y - reach:g}l{2 * reach:g} {2 * reach:g}m0 {-2 * reach:g}l{-2 * reach:g} {2 * reach:g}"
    return f'<path class="cross" d="{around}"/>'


def dot(x: float, y: float, radius: float, kind: str) -> str:
    """A circle."""
    return f'<circle class="{kind}" cx="{x:g}" cy="{y:g}" r="{radius:g}"/>'
