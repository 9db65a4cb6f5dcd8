"""The writers: a report in, a file's bytes out. A new format is one file here and its name in WRITERS."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module

from dashboard.briefing.model import Report


def _writer(name: str) -> Callable[[Report], bytes]:
    """The `write` of a writer's file, whose libraries are loaded when it is first asked."""

    def write(report: Report) -> bytes:
        made: bytes = import_module(f"dashboard.briefing.writers.{name}").write(report)
        return made

    return write


WRITERS: Mapping[str, Callable[[Report], bytes]] = {name: _writer(name) for name in ("docx", "pdf", "pptx", "xlsx")}
"""By format."""

MEDIA_TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
