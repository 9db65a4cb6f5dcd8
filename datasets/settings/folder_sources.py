"""Folders that people put files into (`files`)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from datasets.settings.source import Positive, SourceBase
from datasets.settings.values import Encoding, Place, Text


class FilesSource(SourceBase):
    """A folder that people put files into.

    pattern      glob of the files that are taken
    sheet        name of the sheet; None: the first that has the header
    delimiter, encoding   of CSV files; None: found by reading
    done, refused   where a file goes after its pull
    max_bytes       of one file
    """

    connector: Literal["files"]
    path: Place
    pattern: Text = "*"
    sheet: Text | None = None
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    encoding: Encoding | None = None
    done: Place
    refused: Place
    max_bytes: Positive = 50_000_000

    @model_validator(mode="before")
    @classmethod
    def _folders(cls, raw: Any) -> Any:
        if not isinstance(raw, dict):
            return raw
        path = raw.get("path")
        inbox = path.rstrip("/") if isinstance(path, str) else "inbox"  # a missing path is its own fault
        return {"done": f"{inbox}/done", "refused": f"{inbox}/refused", **raw}
