"""Trying again, with today's field map, units and rules, what was set aside or refused as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache, partial

from connectors.house import House
from connectors.intake import Intake
from connectors.pull import Caller, alone, counts_of, recorded_delivery, respelled_note, sum_of
from connectors.raw_answers import RawAnswers
from connectors.waiting import MOST, tried
from datasets.errors import OpsError
from datasets.indicators.catalogue import load_catalogue
from datasets.settings import Source
from datasets.store import Counts
from datasets.store.quarantine import SetAside


def replay(name: str, house: House, caller: Caller) -> Counts:
    """Merge the quarantined records that are good now, then a delivery that was refused; the source is not asked.

    `read` counts all that were tried and `quarantined` those that are still bad,
    among them records of which nothing was kept. Raises as a pull does: also when the
    delivery is refused once more, the records that are good are merged.
    """
    source = house.source(name)
    with alone(name, house, caller):
        answers = RawAnswers(house.settings, source)
        counts = _set_aside(source, answers, house)
        answers.settle(house.store.quarantine.open_pulls(name))
        if (refused := answers.delivery()) is not None:
            caller = replace(caller, reconcile=refused.reconcile)
            counts = sum_of(counts, recorded_delivery(source, refused, house, caller, refused.started))
    return counts


def _set_aside(source: Source, answers: RawAnswers, house: House) -> Counts:
    """The quarantined records, by what the source said of them where that is kept."""
    of_pull = cache(answers.set_aside_by)

    def raw(line: SetAside) -> Mapping[str, object]:
        return of_pull(line.last_pull_id).get(line.row_id, {})

    name = source.name
    intake = Intake(source, house, house.clock())
    lines = house.store.quarantine.list(name, limit=MOST)
    good, rows = [], []
    for number, found in tried(lines, intake, partial(house.store.known, intake.dataset), raw):
        good.append(number)
        rows += found
    if not good:
        return Counts(read=len(lines), quarantined=len(lines))
    pull_id = house.store.ledger.begin(name, source.dataset)
    try:
        with house.delivery(intake.dataset, name, pull_id) as delivery:
            delivery.stage(rows)
            delivery.set_falls_aside(load_catalogue().cumulative)
            outcome = delivery.commit(read=len(rows), replayed=good, note=partial(respelled_note, house))
    except OpsError as error:
        house.store.ledger.fail(pull_id, error)
        raise
    still_bad = len(lines) - len(good)
    counts = counts_of(outcome)
    return replace(counts, read=counts.read + still_bad, quarantined=counts.quarantined + still_bad)
