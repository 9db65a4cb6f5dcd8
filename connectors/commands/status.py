"""`status`: how each source stands, as a table for people or JSON for programs."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from connectors.bookmark import parse_bookmark
from connectors.drift import sentences
from connectors.house import House, open_house
from connectors.reconcile import sentence
from connectors.terminal import Terminal
from datasets.freshness import freshness
from datasets.messages import text
from datasets.schedule import next_run
from datasets.store import Drift, Reconciled
from datasets.store.heartbeat import silent
from datasets.vietnamese import moment, number


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--format", choices=("table", "json"), default="table")


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    house = open_house(arguments.config, terminal.environ)
    terminal.language = house.settings.centre.language
    lines = [status_of(name, house, terminal.language) for name in house.settings.sources]
    if arguments.format == "json":
        terminal.say(json.dumps(lines, ensure_ascii=False, indent=2, default=_iso))
    else:
        headers = [terminal.text(f"connectors.status.{column}") for column in COLUMNS]
        terminal.table(headers, [_cells(line, house, terminal) for line in lines])
        for line in lines:
            if line["why"]:
                terminal.say(f"{line['source']}: {line['why']}")
            for said in notices(line, terminal.language):
                terminal.say(f"{line['source']}: {said}")
        if lines and lines[0]["scheduler_silent"]:
            terminal.say(_scheduler(lines[0], house, terminal))
    return 0


COLUMNS = ("source", "verdict", "last_success", "next_run", "bookmark", "rows", "quarantined", "freshness")


def status_of(name: str, house: House, language: str) -> dict[str, object]:
    """One source's state; moments in the centre's zone, unknown is None.

    rows         of this source, that the store holds
    quarantined  records waiting to be put right
    why          a sentence about the present trouble, or None
    drift        how the export of the last pull differed from its field map (datasets.store.Drift)
    vanished     rows held that the source no longer gives
    reconciled   what the last comparison with the source found (datasets.store.Reconciled), and when
    scheduler_last_seen, scheduler_silent   of the store's scheduler, seen from this process
    """
    source, settings = house.settings.sources[name], house.settings
    now, zone = house.clock(), settings.centre.time_zone
    line = house.store.ledger.status(name)
    seen = house.store.heartbeats.last()

    def local(moment: datetime | None) -> datetime | None:
        return moment.astimezone(zone) if moment else None

    return {
        "source": name,
        "title": source.title[language],
        "dataset": source.dataset,
        "verdict": "running" if line.running else (line.verdict.value if line.verdict else "never"),
        "last_success": local(line.last_success),
        "last_attempt": local(line.last_attempt),
        "next_run": None if house.clock_stands_still else next_run(source.schedule, zone, now),
        "bookmark": local(parse_bookmark(line.bookmark)),
        "as_of": local(line.as_of),
        "rows": _rows(house, source.dataset, name),
        "quarantined": house.store.quarantine.count(name),
        "freshness": freshness(source.schedule, source.stale_after, line.last_success, now, zone),
        "since": local(line.since),
        "why": text(line.error_key, language, **line.error_params) if line.error_key else None,
        "drift": [asdict(found) for found in line.drift],
        "vanished": house.store.vanished(source.dataset).get(name, 0),
        "reconciled": asdict(line.reconciled) if line.reconciled else None,
        "reconciled_at": local(line.reconciled_at),
        "scheduler_last_seen": local(seen),
        "scheduler_silent": silent(seen, now),
    }


def notices(line: Mapping[str, Any], language: str) -> list[str]:
    """What a person should know of a source beside its trouble: drift, the last comparison, what has vanished."""
    said = sentences([Drift(**found) for found in line["drift"] if found["kind"] != "missing_column"], language)
    if line["reconciled"] and (found := Reconciled(**line["reconciled"])).differences:
        said.append(sentence(found, language))
    if line["vanished"]:
        said.append(text("connectors.vanished", language, count=line["vanished"]))
    return said


def _scheduler(line: Mapping[str, Any], house: House, terminal: Terminal) -> str:
    seen = moment(line["scheduler_last_seen"], house.settings.centre.time_zone)
    return terminal.text("connectors.scheduler_silent", moment=seen)


def _rows(house: House, dataset: str, source: str) -> int:
    table = house.store.tables[dataset]
    with house.store.engine.connect() as connection:
        return int(connection.scalar(sa.select(sa.func.count()).where(table.c.source == source)) or 0)


def _cells(line: dict[str, object], house: House, terminal: Terminal) -> list[str]:
    zone = house.settings.centre.time_zone

    def shown(value: object) -> str:
        return moment(value, zone) if isinstance(value, datetime) else "—"

    return [
        str(line["source"]),
        terminal.text(f"connectors.verdict.{line['verdict']}"),
        shown(line["last_success"]),
        shown(line["next_run"]),
        shown(line["bookmark"]),
        number(line["rows"], language=terminal.language),  # type: ignore[arg-type]
        number(line["quarantined"], language=terminal.language),  # type: ignore[arg-type]
        terminal.text(f"connectors.freshness.{line['freshness']}"),
    ]


def _iso(value: object) -> str:
    assert isinstance(value, datetime)
    return value.isoformat(timespec="seconds")
