"""A number that passes a type which can't hold it; and numbers that are changed in other ways."""

from __future__ import annotations

import pytest

from harness.diagnosis import verdict_of
from harness.diagnosis.number_rounded import By, rounded
from tests.support.causes_in_servers import with_data
from tests.support.other_systems import floor, warehouse

ID, OTHER = 2**53 + 1, 12345678901234567891


@pytest.mark.parametrize(
    ("before", "after", "by"),
    [
        ("9007199254740993", "9007199254740992", By.DOUBLE),
        ("12345678901234567891", "12345678901234567000", By.DOUBLE),
        ("12345678901234567891", "1.2345678901234567e+19", By.DOUBLE),
        ('"9007199254740993"', "9007199254740992", By.DOUBLE),
        ("-9007199254740993", '"-9007199254740992"', By.DOUBLE),
        ("14.4", "14.399999618530273", By.SINGLE),
        ("16777217", "16777216", By.SINGLE),
        ("9007199254740993", "9007199254740994", None),
        ("9007199254740991", "9007199254740990", None),
        ("14.4", "14", None),
        ("1999", "19.99", None),
        ("0.1", "0.1", None),
        ("true", "1", None),
        ('"a"', "1", None),
        ("(missing)", "1", None),
        ("1e400", "1", None),
        ("1" * 400, "1", None),
    ],
)
def test_only_the_nearest_number_is_a_rounding(before: str, after: str, by: By | None) -> None:
    assert rounded(before, after) is by


@pytest.mark.parametrize("system", [warehouse, floor])
@pytest.mark.parametrize(
    ("before", "after", "cause"),
    [
        ({"id": ID}, {"id": ID - 1}, "number-rounded"),
        ({"id": ID, "of": OTHER}, {"id": ID - 1, "of": 12345678901234567000}, "number-rounded"),
        ({"id": ID, "of": 1}, {"id": ID - 1, "of": 2}, "payload-changed"),
        ({"id": ID}, {"id": ID + 1}, "payload-changed"),
        ({"id": ID, "at": 14.4}, {"id": ID - 1, "at": 14.399999618530273}, "payload-changed"),
    ],
)
def test_every_field_that_differs_has_to_be_rounded_alike(
    system: object, before: object, after: object, cause: str
) -> None:
    assert callable(system)
    verdict = verdict_of(with_data(system(), "main/4", before, after).ledger())
    assert [blame.cause for blame in verdict.blame] == [cause]
