"""`status`: how each source stands, as a table for people or JSON for programs."""

from __future__ import annotations

import argparse
import json
from datetime import datetime

import sqlalchemy as sa

from connectors.bookmark import parse_bookmark
from connectors.house import House, open_house
from connectors.terminal import Terminal
from datasets.freshness import freshness
from datasets.messages import text
from datasets.schedule import next_run
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
    return 0


COLUMNS = ("source", "verdict", "last_success", "next_run", "bookmark", "rows", "quarantined", "freshness")


def status_of(name: str, house: House, language: str) -> dict[str, object]:
    """One source's state; moments in the centre's zone, unknown is None.

    rows         of this source, that the store holds
    quarantined  records waiting to be put right
    why          a sentence about the present trouble, or None
    """
    source, settings = house.settings.sources[name], house.settings
    now, zone = house.clock(), settings.centre.time_zone
    line = house.store.ledger.status(name)

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
    }


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
