"""A hook of mkdocs: what every page of the site needs beside what its theme makes.

The site loads nothing from the network, not even what its search needs when opened from a folder: a browser starts no
worker from a file. Material's plugin `offline` therefore loads a stand-in from a public server; here it is `worker.js`
beside this file. And it is accessible: `access.css` and `access.js` mend what the theme lacks for that.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

SHIM = re.compile(r'<script src="https://[^"]*iframe-worker[^"]*"></script>')
SCRIPT, STYLE, ACCESS = (
    (Path(__file__).parent / name).read_text("utf-8") for name in ("worker.js", "access.css", "access.js")
)

LOST = "<p>There is no such page here. It may have been renamed: search for it, or choose one of the list.</p>"


def on_post_page(output: str, **_: Any) -> str:
    """Put the stand-in where the address of the other one is, and style and script at the ends of head and body."""
    page = SHIM.sub(lambda _: f"<script>{SCRIPT}</script>", output)
    page = page.replace("</head>", f"<style>{STYLE}</style></head>", 1)
    head, end, tail = page.rpartition("</body>")
    return f'{head}<script type="module">{ACCESS}</script>{end}{tail}'


def on_post_template(output_content: str, template_name: str, **_: Any) -> str:
    """The same for the page of what is not there, which says where to go; the list of pages (XML) stays as it is."""
    if not template_name.endswith(".html"):
        return output_content
    return on_post_page(output_content).replace("</h1>", f"</h1>{LOST}", 1)
