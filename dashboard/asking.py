"""What a page may hand over to the side that writes: requests in the job table, files among the uploads."""

from __future__ import annotations

import base64
import binascii

from dashboard.queries import Queries
from datasets import uploads
from datasets.errors import UsageError
from datasets.forms import TYPED, forms
from datasets.store.jobs import Kind
from datasets.vietnamese import clean

LONGEST_WHO = 80
LONGEST_CONTENTS = uploads.MOST_BYTES * 4 // 3 + 200
"""Of a file as the browser sends it: base64 with a head."""


def hand_in(queries: Queries, dataset: str, by: str | None, name: str | None, contents: str | None) -> int:
    """Keep a file and ask for its preview; the request's id.

    contents   as a browser gives a file: "data:<type>;base64,<content>"

    Raises UsageError: no name of a person, no such form, or a file that is not taken.
    """
    who = clean(by or "")
    if not 2 <= len(who) <= LONGEST_WHO:
        raise UsageError("jobs.who")
    if dataset not in forms():
        raise UsageError("connectors.unknown_dataset", dataset=dataset, known=", ".join(forms()))
    content, shown = _decoded(contents or ""), uploads.shown_name(name or "")
    stored = uploads.keep(queries.settings.root, shown, content)
    payload = {"dataset": dataset, "stored": stored, "name": shown}
    return queries.store.jobs.ask(Kind.PREVIEW, TYPED, payload, asked_by=who, digest=uploads.digest_of(content))


def accept(queries: Queries, preview: int | None) -> int:
    """Ask for a previewed file to be taken; the request's id. Raises UsageError when there is none to take."""
    job = queries.store.jobs.get(preview) if preview else None
    if job is None or job.kind is not Kind.PREVIEW or not job.result.get("counts"):
        raise UsageError("jobs.file_gone")
    return queries.store.jobs.ask(Kind.ACCEPT, TYPED, job.payload, asked_by=job.asked_by, digest=job.digest)


def replay(queries: Queries, source: str | None) -> int:
    """Ask for a source's quarantined records to be tried again; the request's id."""
    if source not in queries.settings.sources:
        known = ", ".join(sorted(queries.settings.sources))
        raise UsageError("connectors.unknown_source", source=source, known=known)
    return queries.store.jobs.ask(Kind.REPLAY, source)


def _decoded(contents: str) -> bytes:
    if len(contents) > LONGEST_CONTENTS:
        raise UsageError("files.too_large", megabytes=uploads.MOST_BYTES // 1_000_000)
    try:
        return base64.b64decode(contents.partition(",")[2], validate=True)
    except binascii.Error:
        raise UsageError("jobs.not_a_sheet") from None
