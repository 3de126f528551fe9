"""How much of a picture differs from an earlier one, and where."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from harness.reporting.changed import CELL, STRONG, beside, changed

GREY, WIDTH = (128, 128, 128), 40


def picture(file: Path, height: int = 40, **pixels: tuple[int, int, int]) -> Path:
    """A grey picture; `x9y3=(…)` is a pixel of it."""
    made = Image.new("RGB", (WIDTH, height), GREY)
    for place, colour in pixels.items():
        x, _, y = place.removeprefix("x").partition("y")
        made.putpixel((int(x), int(y)), colour)
    made.save(file)
    return file


def pixel(strength: int) -> tuple[int, int, int]:
    """A pixel whose channels together differ so much from grey."""
    return (GREY[0] + strength, GREY[1], GREY[2])


@pytest.mark.parametrize(("strength", "count"), [(0, 0), (STRONG - 1, 0), (STRONG, 1), (127, 1)])
def test_a_difference_counts_from_where_one_sees_it(tmp_path: Path, strength: int, count: int) -> None:
    found = changed(picture(tmp_path / "a.png"), picture(tmp_path / "b.png", x30y5=pixel(strength)))
    assert found is not None
    assert found.share == count / (WIDTH * 40)


def test_the_channels_count_together(tmp_path: Path) -> None:
    found = changed(picture(tmp_path / "a.png"), picture(tmp_path / "b.png", x30y5=(136, 120, 136)))
    assert found is not None
    assert found.share > 0


def test_marks_cover_the_cell_of_a_changed_pixel_and_nothing_else(tmp_path: Path) -> None:
    found = changed(picture(tmp_path / "a.png"), picture(tmp_path / "b.png", x13y39=(255, 255, 255)))
    assert found is not None
    reddish = (160, 83, 83)
    places = [(x, y) for x in range(WIDTH) for y in range(40) if found.marked.getpixel((x, y)) != GREY]
    assert found.marked.getpixel((12, 36)) == reddish
    assert places == [(x, y) for x in range(CELL, 2 * CELL) for y in range(36, 40)]


def test_what_only_one_picture_has_is_changed(tmp_path: Path) -> None:
    short, tall = picture(tmp_path / "a.png", 10), picture(tmp_path / "b.png", 40)
    for files in ((short, tall), (tall, short)):
        found = changed(*files)
        assert found is not None
        assert (found.share, found.marked.size) == (0.75, (WIDTH, 40))


@pytest.mark.parametrize(("share", "told"), [(0.0, "0.0 %"), (0.0001, "less than 0.1 %"), (0.085, "8.5 %")])
def test_a_difference_is_never_told_as_nothing(share: float, told: str) -> None:
    from harness.reporting.changed import Changed

    assert Changed(share, Image.new("RGB", (1, 1))).percent == told


@pytest.mark.parametrize(
    "data", [b"", b"GIF89a", b"\x89PNG\r\n\x1a\n cut off"], ids=["empty", "another kind", "cut off"]
)
def test_what_is_not_a_picture_is_not_compared(tmp_path: Path, data: bytes) -> None:
    wrong = tmp_path / "b.png"
    wrong.write_bytes(data)
    assert changed(picture(tmp_path / "a.png"), wrong) is None
    assert changed(tmp_path / "gone.png", wrong) is None


def test_two_pictures_stand_beside_each_other_and_the_marks(tmp_path: Path) -> None:
    found = beside(picture(tmp_path / "a.png"), picture(tmp_path / "b.png", x1y1=(255, 255, 255)))
    assert found is not None
    assert found.picture.size == (3 * WIDTH + 2 * CELL, 40)
    assert found.picture.getpixel((WIDTH + CELL + 1, 1)) == (255, 255, 255)
