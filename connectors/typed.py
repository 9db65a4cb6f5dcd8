"""Figures that people type: a form handed in on the sources page, looked at first, then taken.

A preview and the taking go the same way (read, map, validate, compare with what is
known); only the end differs. So what the preview says is what happens. The rows are
written under the source "typed", with who handed them in and when.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any

from connectors.connector import Batch
from connectors.field_map import FieldMap
from connectors.files import FilesConnector
from connectors.house import House
from connectors.intake import Intake
from connectors.pull import UNEXPECTED, Caller, alone, counts_of, respelled_note
from datasets import uploads
from datasets.errors import BatchRejected, OpsError, PullError, SourceChanged, UsageError
from datasets.forms import TYPED, forms
from datasets.indicators.catalogue import load_catalogue
from datasets.logs import frames
from datasets.messages import text
from datasets.schema import BY_NAME
from datasets.schema.dataset import Dataset, Row
from datasets.settings import FilesSource
from datasets.settings.values import Surroundings
from datasets.stamps import utc_text
from datasets.store import Counts
from datasets.store.delivery import Delivery
from datasets.store.jobs import Job
from datasets.store.quarantine import harmless
from datasets.store.rehearsal import SIGNATURE, Refusal, Step
from datasets.validate import Expectations, refusal

log = logging.getLogger(__name__)

SHOWN = 200
"""Rows of each kind that a preview names; its counts hold them all."""


@dataclass(frozen=True, slots=True)
class HandedIn:
    """A file that somebody handed in: the job's payload, understood.

    stored   its random name among the uploads
    name     what its owner called it
    by       who hands it in
    """

    dataset: str
    stored: str
    name: str
    by: str
    digest: str

    @classmethod
    def of(cls, job: Job) -> HandedIn:
        return cls(job.payload["dataset"], job.payload["stored"], job.payload["name"], job.asked_by, job.digest)


def preview(job: Job, house: House) -> dict[str, Any]:
    """What taking the file would do: counts, new and changed rows, refused ones with their reasons.

    Raises SourceChanged for a file that is refused as a whole.
    """
    file = HandedIn.of(job)
    if before := _before(file, house):
        uploads.forget(house.settings.root, file.stored)
        return {"repeated": before}
    source = typed_source(file, house)
    with _kept_no_longer(file, house), house.delivery(BY_NAME[source.dataset], TYPED, 0) as delivery:
        intake = _read(file, source, house, delivery)
        rehearsed = delivery.rehearse(intake.read, SHOWN)
    refused = refusal(Expectations(), intake.read, rehearsed.counts.quarantined, None)
    return {
        "counts": asdict(rehearsed.counts),
        "rows": [_shown_step(step) for step in rehearsed.steps],
        "bad": [_shown_refusal(refused, source.dataset) for refused in rehearsed.refusals],
        "refused": {"error_key": refused.key, "error_params": refused.params} if refused else None,
        "unknown": sorted(intake.unknown)[:20],
    }


def accept(job: Job, house: House, caller: Caller) -> dict[str, Any]:
    """Take the file: one delivery of the source "typed", with its line in the ledger.

    Raises SourceChanged or BatchRejected when it is refused as a whole, StoreError
    while another file is being taken.
    """
    file = HandedIn.of(job)
    with alone(TYPED, house, caller):
        if before := _before(file, house):
            uploads.forget(house.settings.root, file.stored)
            return {"repeated": before}
        source = typed_source(file, house)
        house.store.ledger.interrupted(TYPED)
        with _kept_no_longer(file, house):
            counts = _delivered(file, source, house)
    uploads.forget(house.settings.root, file.stored)
    return {"counts": asdict(counts)}


@contextmanager
def _kept_no_longer(file: HandedIn, house: House) -> Iterator[None]:
    """A file that is refused as a whole is of no more use: it may name people, and does not wait for the sweep."""
    try:
        yield
    except (SourceChanged, BatchRejected):
        uploads.forget(house.settings.root, file.stored)
        raise


def typed_source(file: HandedIn, house: House) -> FilesSource:
    """The source that a handed-in file is read as: a folder of that one file."""
    root = house.settings.root
    folder = root / uploads.FOLDER
    if not uploads.path_of(root, file.stored).is_file():
        raise UsageError("jobs.file_gone")
    form = forms().get(file.dataset)
    if form is None:
        raise UsageError("connectors.unknown_dataset", dataset=file.dataset, known=", ".join(forms()))
    said = {
        "name": TYPED,
        "title": {language: text("typed.title", language) for language in ("vi", "en")},
        "dataset": form.dataset,
        "connector": "files",
        "map": form.map,
        "path": str(folder),
        "pattern": file.stored,
        "max_bytes": uploads.MOST_BYTES,
    }
    return FilesSource.model_validate(said, context=Surroundings(root, house.environ))


def _delivered(file: HandedIn, source: FilesSource, house: House) -> Counts:
    pull_id = house.store.ledger.begin(TYPED, source.dataset)
    try:
        with house.delivery(BY_NAME[source.dataset], TYPED, pull_id) as delivery:
            intake = _read(file, source, house, delivery)
            note = text("typed.note", house.settings.centre.language, file=file.name, by=file.by)

            def told(respelled: int) -> str:
                return " ".join(filter(None, (note, respelled_note(house, respelled))))

            outcome = delivery.commit(read=intake.read, as_of=house.clock(), expect=Expectations(), note=told)
    except Exception as fault:  # the boundary of one file: each fault ends in the ledger, and goes on upwards
        error = fault if isinstance(fault, OpsError) else PullError(UNEXPECTED, kind=type(fault).__name__)
        house.store.ledger.fail(pull_id, error)
        if error is not fault:
            log.error("typed pull=%d fault\n%s", pull_id, frames(fault))
            raise error from fault
        raise
    return counts_of(outcome)


def _read(file: HandedIn, source: FilesSource, house: House, delivery: Delivery) -> Intake:
    """Stage the file's rows, signed by who hands it in, and set the bad ones aside."""
    started = house.clock()
    intake = Intake(source, house, started)
    field_map = FieldMap.find(source.map, house.settings.root)
    connector = FilesConnector(source, house.settings, house.clock, field_map, sleep=lambda seconds: None)
    sign = _signer(intake.dataset, file.by, started)
    for batch in connector.fetch(None):
        taken = intake.take(_named(batch, file), delivery.known)
        delivery.stage([sign(row) for row in taken.rows])
        delivery.quarantine(taken.bad, raw=taken.kept)
    delivery.set_falls_aside(load_catalogue().cumulative)
    delivery.keep_signatures()
    return intake


def _named(batch: Batch, file: HandedIn) -> Batch:
    """The batch under the name that the file's owner gave it, for places and headings."""
    records = [replace(record, row_id=record.row_id.replace(file.stored, file.name)) for record in batch.records]
    return replace(batch, records=records, file=file.name)


def _signer(dataset: Dataset, by: str, at: datetime) -> Callable[[tuple[object, ...]], tuple[object, ...]]:
    """Fills in who and when, where the dataset keeps them and the form leaves them blank."""
    values = {"entered_by": by, "updated_at": utc_text(at)}
    places = {dataset.columns.index(name): value for name, value in values.items() if name in dataset.columns}

    def sign(row: tuple[object, ...]) -> tuple[object, ...]:
        return tuple(places[place] if value is None and place in places else value for place, value in enumerate(row))

    return sign


def _before(file: HandedIn, house: House) -> dict[str, str] | None:
    """When, by whom and under which name this very content was taken before."""
    taken = house.store.jobs.taken(file.digest)
    if taken is None or taken.payload.get("dataset") != file.dataset:
        return None
    at = taken.ended_at or taken.asked_at
    return {"at": at.isoformat(), "by": taken.asked_by, "name": str(taken.payload.get("name", ""))}


def _shown_step(step: Step) -> dict[str, Any]:
    return {"row": _plain(step.row), "was": _plain(step.was) if step.was else None}


def _plain(row: Row) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, date | datetime) else value
        for name, value in row.items()
        if value is not None and name not in SIGNATURE
    }


def _shown_refusal(refused: Refusal, dataset: str) -> dict[str, Any]:
    problems = [
        {**problem, "value": harmless(dataset, problem["field"], problem["value"])} for problem in refused.problems
    ]
    return {"at": refused.row_id, "problems": problems}
