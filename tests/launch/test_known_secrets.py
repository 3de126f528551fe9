"""What is typed into fields of passwords is known to be secret before anything is recorded."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from harness.launch.known_secrets import known_secrets
from harness.target.process import Command, Step
from harness.target.reference import reference


def test_what_steps_type_into_fields_of_secrets_is_known(tmp_path: Path) -> None:
    steps = (
        Step("fill", "#user", "kim-the-first"),
        Step("fill", "[name=password]", "open sesame"),
        Step("press", "", "Enter"),
    )
    acting = [{"fill": "#api-key", "with": "0123-4567-89"}, {"fill": "#note", "with": "nothing much"}, {"click": "#go"}]
    do = Command(("python", "-m", "harness.launch.acting", json.dumps({"page": {"steps": acting}}), "{not json"))
    target = replace(reference(), opening=steps, do=do)
    mask = known_secrets(target, tmp_path / "token", ())
    assert {"open sesame", "0123-4567-89"} <= {*mask.values}
    assert {"kim-the-first", "nothing much", "Enter"}.isdisjoint(mask.values)
    assert "open sesame" not in mask.text("they said open sesame")
