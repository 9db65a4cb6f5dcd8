"""Document systems (`edxml`)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from datasets.settings.source import Positive, Reconcile
from datasets.settings.values import Place, Text, WebAddress, fault
from datasets.settings.web_sources import WebSource


class EdxmlSource(WebSource):
    """A document system that hands over edXML messages: over HTTP (`url`), or through a folder (`path`).

    url             answers the list of messages; paging, cursor, auth as for a web service
    id              of a list entry: the message's own id
    content         of a list entry: where the message itself is, when the list gives it
    message_url     where a message is fetched otherwise; {id} stands for its id
    organisations   identification code of each organisation whose register this is -> org unit
    path, pattern, done, refused   as for a folder of files
    header_bytes    longest header; attachments come behind it and are not read
    reconcile       over HTTP; None: only when a person asks for it
    """

    connector: Literal["edxml"]
    url: WebAddress = ""
    id: Text = "id"
    content: Text | None = None
    message_url: WebAddress | None = None
    organisations: Annotated[dict[str, str], Field(min_length=1)]
    path: Place | None = None
    pattern: Text = "*"
    done: Place | None = None
    refused: Place | None = None
    header_bytes: Positive = 1_000_000
    reconcile: Reconcile | None = None

    @model_validator(mode="before")
    @classmethod
    def _folders(cls, raw: Any) -> Any:
        if not isinstance(raw, dict) or not isinstance(raw.get("path"), str):
            return raw
        inbox = raw["path"].rstrip("/")
        return {"done": f"{inbox}/done", "refused": f"{inbox}/refused", **raw}

    @model_validator(mode="after")
    def _one_way(self) -> EdxmlSource:
        if bool(self.url) == bool(self.path):
            raise fault("edxml_way")
        if self.url and not (self.content or (self.message_url and "{id}" in self.message_url)):
            raise fault("edxml_message")
        return self
