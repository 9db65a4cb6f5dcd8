"""`status`: how each source stands, as a table for people or JSON for programs."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from connectors.house import House, open_house
from connectors.terminal import Terminal
from datasets.command_line import Parser
from datasets.standing import told
from datasets.vietnamese import moment, number


def add_arguments(parser: Parser) -> None:
    parser.add_argument("--format", choices=("table", "json"), default="table")


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    house = open_house(arguments.config, terminal.environ)
    settings = house.settings
    terminal.language = settings.centre.language
    lines = told(house.store, settings, house.clock(), terminal.language, stands_still=house.clock_stands_still)
    if arguments.format == "json":
        terminal.say(json.dumps(lines, ensure_ascii=False, indent=2, default=_iso))
        return 0
    headers = [terminal.text(f"connectors.status.{column}") for column in COLUMNS]
    terminal.table(headers, [_cells(line, house, terminal) for line in lines])
    for line in lines:
        for said in _said(line):
            terminal.say(f"{line['source']}: {said}")
    if lines and lines[0]["scheduler_silent"]:
        seen = moment(lines[0]["scheduler_last_seen"], settings.centre.time_zone)
        terminal.say(terminal.text("connectors.scheduler_silent", moment=seen))
    return 0


COLUMNS = ("source", "verdict", "last_success", "next_run", "bookmark", "rows", "quarantined", "freshness")


def _said(line: Mapping[str, Any]) -> list[str]:
    """The sentences under the table: trouble and what to do about it, and what else to know."""
    troubled = line["why"] or line["quarantined"] or line["freshness"] in ("late", "stale") or line["refused_files"]
    return [*([line["sentence"], line["todo"]] if troubled else []), *line["notices"]]


def _cells(line: Mapping[str, Any], house: House, terminal: Terminal) -> list[str]:
    zone = house.settings.centre.time_zone

    def shown(value: object) -> str:
        return moment(value, zone) if isinstance(value, datetime) else "—"

    return [
        str(line["source"]),
        terminal.text("source.verdict.file_refused" if line["refused_files"] else f"source.verdict.{line['verdict']}"),
        shown(line["last_success"]),
        shown(line["next_run"]),
        shown(line["bookmark"]),
        number(line["rows"], language=terminal.language),
        number(line["quarantined"], language=terminal.language),
        terminal.text(f"source.freshness.{line['freshness']}"),
    ]


def _iso(value: object) -> str:
    assert isinstance(value, datetime)
    return value.isoformat(timespec="seconds")
