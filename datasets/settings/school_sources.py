"""Class rosters of schools (`oneroster`)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Literal

from pydantic import Field, model_validator

from datasets.settings.folder_sources import FilesSource
from datasets.settings.source import SourceBase
from datasets.settings.values import Lasting, Parameters, Place, Secret, Text, WebAddress, fault
from datasets.settings.web_sources import HttpSource


class OneRosterSource(HttpSource):
    """OneRoster CSV zips: asked for over HTTP (`url`), or dropped into a folder (`path`).

    key             hashes persons' ids, so that a delta can be laid over the roster before
                    it; without one only whole rosters are taken
    state           file of what is remembered between two rosters
    bulk_within     how old the last whole roster may be when a delta comes
    path, pattern, done, refused   as for a folder of files
    """

    connector: Literal["oneroster"]
    url: WebAddress = ""
    params: Parameters = Field(default={}, repr=False)
    headers: Parameters = Field(default={}, repr=False)
    key: Secret | None = None
    state: Place
    bulk_within: Lasting = timedelta(days=40)
    path: Place | None = None
    pattern: Text = "*.zip"
    done: Place | None = None
    refused: Place | None = None

    @model_validator(mode="before")
    @classmethod
    def _places(cls, raw: Any) -> Any:
        if not isinstance(raw, dict):
            return raw
        raw = {"state": f"data/oneroster/{raw.get('name', 'oneroster')}.json", **raw}
        if not isinstance(raw.get("path"), str):
            return raw
        inbox = raw["path"].rstrip("/")
        return {"done": f"{inbox}/done", "refused": f"{inbox}/refused", **raw}

    @model_validator(mode="after")
    def _one_way(self) -> OneRosterSource:
        if bool(self.url) == bool(self.path):
            raise fault("edxml_way")
        return self

    @property
    def folder(self) -> FilesSource:
        """Its folder, as the source of a connector of files."""
        assert self.path is not None and self.done is not None and self.refused is not None
        common = {name: getattr(self, name) for name in SourceBase.model_fields}
        return FilesSource.model_construct(
            **common,
            connector="files",
            path=self.path,
            pattern=self.pattern,
            done=self.done,
            refused=self.refused,
            max_bytes=self.max_bytes,
        )
