"""What all tables of a target file have in common."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from harness.target.file.kinds import Step

Name = Annotated[str, Field(pattern=r"^[A-Za-z][\w-]*$")]
Text = Annotated[str, Field(min_length=1)]


class Part(BaseModel):
    """A table of a target file. A key that it doesn't know is wrong."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Do(Part):
    """One step on the page, with Playwright's selectors; placeholders are filled in."""

    click: Step | None = Field(default=None, description="selector to click")
    fill: Step | None = Field(default=None, description="selector to fill in, `with` a text")
    with_text: str = Field(default="", alias="with", description="what is filled in, as `{session}`")
    press: str | None = Field(default=None, description="key to press, as Enter")
    wait: Step | None = Field(default=None, description="selector to wait for until it is visible")

    @model_validator(mode="after")
    def one(self) -> Do:
        """Refuse steps that do nothing, and that do two things."""
        if sum(each is not None for each in (self.click, self.fill, self.press, self.wait)) != 1:
            raise ValueError("a step is one of click, fill (with …), press and wait.")
        return self
