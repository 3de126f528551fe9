"""How much of a picture differs from an earlier one, and where: the share of its pixels, and marks over the later one.

The page of a run tells the same of its pictures by its own script (page/static/changed.js), with the same bounds.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from PIL.Image import Image

CELL = 12
"""What changed is marked in squares of so many pixels: a changed letter is seen from afar."""
STRONG = 24
"""The sum of the differences of red, green and blue below which none is visible."""
_RED, _OPACITY = (220, 0, 0), 0.35


@dataclass(frozen=True, slots=True)
class Changed:
    """What differs between two pictures: the share of the pixels, from 0 to 1, and the later one with marks there."""

    share: float
    marked: Image

    @property
    def percent(self) -> str:
        """The share for people; a difference is never told as nothing."""
        percent = self.share * 100
        return "less than 0.1 %" if 0 < percent < 0.1 else f"{percent:.1f} %"


def changed(before: Path, after: Path) -> Changed | None:
    """Compare two files; None where one is not a readable picture (PNG). What one alone has is changed."""
    from PIL import Image, ImageChops  # costs more than a short run's report

    earlier, later = _read(before), _read(after)
    if earlier is None or later is None:
        return None
    size = (max(earlier.width, later.width), max(earlier.height, later.height))
    differs = Image.new("L", size, 255)
    common = (0, 0, min(earlier.width, later.width), min(earlier.height, later.height))
    strength = ImageChops.difference(earlier.crop(common), later.crop(common)).convert("L", (1, 1, 1, 0))
    differs.paste(strength.point([255 if value >= STRONG else 0 for value in range(256)]))
    return Changed(differs.histogram()[255] / (size[0] * size[1]), _marked(later.crop((0, 0, *size)), differs))


def _read(file: Path) -> Image | None:
    from PIL import Image

    try:
        with Image.open(file, formats=["PNG"]) as picture:
            return picture.convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        return None  # gone, cut off, or no picture


def _marked(later: Image, differs: Image) -> Image:
    from PIL import Image

    cells = differs.reduce(CELL).point([0, *[255] * 255])
    wide = cells.resize((cells.width * CELL, cells.height * CELL), Image.Resampling.NEAREST)
    opacity = wide.crop((0, 0, *later.size)).point([round(value * _OPACITY) for value in range(256)])
    red = Image.new("RGB", later.size, _RED)
    return Image.composite(red, later, opacity)


class Beside(NamedTuple):
    """What differs between two pictures, and one picture of three: the left one, the right one, and it with marks."""

    found: Changed
    picture: Image


def beside(left: Path, right: Path) -> Beside | None:
    """Two files beside each other; None where one is not a readable picture."""
    from PIL import Image

    found = changed(left, right)
    if found is None:
        return None
    width, height = found.marked.size
    row = Image.new("RGB", (width * 3 + 2 * CELL, height), (128, 128, 128))
    for place, picture in enumerate((_read(left), _read(right), found.marked)):
        if picture is not None:
            row.paste(picture, (place * (width + CELL), 0))
    return Beside(found, row)
