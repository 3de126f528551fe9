"""What all tables of a target file have in common."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Name = Annotated[str, Field(pattern=r"^[A-Za-z][\w-]*$")]
Text = Annotated[str, Field(min_length=1)]


class Part(BaseModel):
    """A table of a target file. A key that it doesn't know is wrong."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
